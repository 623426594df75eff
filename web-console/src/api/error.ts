/** One error type for every failed call, and the one place that turns an error into a sentence for a person. */

import type { ErrorBody } from "./types";

export type ErrorDetail = Pick<ErrorBody["error"], "code" | "message" | "fields">;

export class ApiError extends Error {
  /** HTTP status; 0 when no answer arrived at all. */
  readonly status: number;
  readonly code: string;
  /** Field name → what to change, when the server named fields. */
  readonly fields: Record<string, string>;
  /** Seconds to wait, from `Retry-After`. */
  readonly retryAfter: number | null;

  constructor(status: number, body: ErrorDetail, retryAfter: number | null = null) {
    super(body.message);
    this.name = "ApiError";
    this.status = status;
    this.code = body.code;
    this.fields = body.fields ?? {};
    this.retryAfter = retryAfter;
  }
}

export const isSignedOut = (error: unknown): boolean => error instanceof ApiError && error.status === 401 && error.code === "not_signed_in";

export const isNotFound = (error: unknown): boolean => error instanceof ApiError && error.status === 404;

/** A second try can help: no answer, too many requests, or a fault on the other side. */
export function isWorthRetrying(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status === 0 || error.status >= 500;
}

function waitText(seconds: number): string {
  if (seconds <= 90) return seconds === 1 ? "1 second" : `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}

/** The server says what is wrong with a field as the rest of a sentence: "must not be empty." */
export function fieldSentence(problem: string): string {
  return /^\p{Ll}/u.test(problem) ? `It ${problem}` : problem;
}

/** The cause and the next step, in words a founder would use. */
export function errorSentence(error: unknown): string {
  if (!(error instanceof ApiError)) return "The console hit a fault of its own. Reload the page; nothing you saved is lost.";
  if (error.code === "timeout") return "Slipway took too long to answer. Check the connection and try again.";
  if (error.status === 0) return "Slipway cannot be reached. Check the connection and try again.";
  if (error.status === 429) {
    const when = error.retryAfter === null ? "in a minute" : `in ${waitText(error.retryAfter)}`;
    return `Too many attempts. Try again ${when}.`;
  }
  if (error.status === 401 && error.code === "not_signed_in") return "You were signed out. Log in again to go on.";
  if (error.message !== "") return error.message;
  return `Slipway answered with an error (${error.status}). Try again in a moment.`;
}
