import { describe, expect, test } from "vitest";
import { ApiError, errorSentence, isSignedOut, isWorthRetrying } from "./error";

const error = (status: number, code: string, message = "", retryAfter: number | null = null) => new ApiError(status, { code, message }, retryAfter);

describe("an error sentence", () => {
  test("repeats what the server said, which names cause and next step", () => {
    const sentence = "An organization may have 20 apps. Delete one first.";
    expect(errorSentence(error(409, "app_limit_reached", sentence))).toBe(sentence);
  });

  test("says how long to wait after too many attempts", () => {
    expect(errorSentence(error(429, "too_many_requests", "slow down", 1))).toBe("Too many attempts. Try again in 1 second.");
    expect(errorSentence(error(429, "too_many_requests", "slow down", 40))).toBe("Too many attempts. Try again in 40 seconds.");
    expect(errorSentence(error(429, "too_many_requests", "slow down", 600))).toBe("Too many attempts. Try again in 10 minutes.");
    expect(errorSentence(error(429, "too_many_requests"))).toBe("Too many attempts. Try again in a minute.");
  });

  test("tells a lost connection from a slow answer", () => {
    expect(errorSentence(error(0, "unreachable"))).toContain("cannot be reached");
    expect(errorSentence(error(0, "timeout"))).toContain("took too long");
  });

  test("does not show the inside of a fault in the console", () => {
    expect(errorSentence(new TypeError("undefined is not a function"))).not.toContain("undefined");
  });

  test("has words even for an answer without any", () => {
    expect(errorSentence(error(502, "unknown"))).toBe("Slipway answered with an error (502). Try again in a moment.");
  });
});

test("a wrong password is not a lost session", () => {
  expect(isSignedOut(error(401, "not_signed_in"))).toBe(true);
  expect(isSignedOut(error(401, "invalid_credentials"))).toBe(false);
});

test("only faults that may pass are retried", () => {
  expect([0, 500, 503].map((status) => isWorthRetrying(error(status, "x")))).toEqual([true, true, true]);
  expect([400, 401, 404, 409, 422, 429].some((status) => isWorthRetrying(error(status, "x")))).toBe(false);
});
