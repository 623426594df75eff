/** Calls the control plane: adds the CSRF token, reads the error form, and notes whether an answer arrived at all. */

import { endpoints } from "../path-builder";
import { connection } from "./connection";
import { ApiError } from "./error";
import type { ErrorBody, Session } from "./types";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
export type RequestOptions = { body?: unknown; idempotencyKey?: string; ifMatch?: string; signal?: AbortSignal };

const TIMEOUT_MS = 20_000;
let csrfToken = "";

/** Kept in memory only: the cookie carries the session, this proves that the page is ours. */
export function rememberCsrfToken(token: string): void {
  csrfToken = token;
}

async function send(method: Method, url: string, { body, idempotencyKey, ifMatch, signal }: RequestOptions): Promise<Response> {
  const headers = new Headers({ Accept: "application/json" });
  if (body !== undefined) headers.set("Content-Type", "application/json");
  if (method !== "GET") headers.set("X-CSRF-Token", csrfToken);
  if (idempotencyKey !== undefined) headers.set("Idempotency-Key", idempotencyKey);
  if (ifMatch !== undefined) headers.set("If-Match", ifMatch);
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const init: RequestInit = { method, headers, credentials: "same-origin", signal: signal ? AbortSignal.any([signal, timeout]) : timeout };
  if (body !== undefined) init.body = JSON.stringify(body);
  try {
    const response = await fetch(url, init);
    connection.set(true);
    return response;
  } catch (cause) {
    if (signal?.aborted === true) throw cause;
    connection.set(false);
    throw new ApiError(0, { code: timeout.aborted ? "timeout" : "unreachable", message: "" });
  }
}

function isErrorBody(value: unknown): value is ErrorBody {
  return typeof value === "object" && value !== null && "error" in value && typeof value.error === "object" && value.error !== null && "code" in value.error;
}

async function toApiError(response: Response): Promise<ApiError> {
  const retryAfter = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  const parsed: unknown = await response.json().catch(() => null);
  const body = isErrorBody(parsed) ? parsed.error : { code: "unknown", message: "" };
  return new ApiError(response.status, body, Number.isNaN(retryAfter) ? null : retryAfter);
}

async function refreshCsrfToken(): Promise<void> {
  const response = await send("GET", endpoints.session(), {});
  if (!response.ok) throw await toApiError(response);
  const session = (await response.json()) as Session;
  rememberCsrfToken(session.csrf_token);
}

/** One call. Resolves with the parsed answer, or throws an `ApiError`. */
export async function request<T>(method: Method, url: string, options: RequestOptions = {}): Promise<T> {
  let response = await send(method, url, options);
  if (response.status === 403) {
    const error = await toApiError(response);
    if (error.code !== "csrf_failed") throw error;
    // Another tab may have logged in again; its token replaced ours.
    await refreshCsrfToken();
    response = await send(method, url, options);
  }
  if (!response.ok) throw await toApiError(response);
  return (response.status === 204 ? undefined : await response.json()) as T;
}
