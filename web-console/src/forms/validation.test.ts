import { expect, test } from "vitest";
import { ApiError } from "../api/error";
import { splitError } from "./use-form";
import { emailProblem, nameProblem, newPasswordProblem, passwordProblem, tokenDaysProblem, typedNameProblem } from "./validation";

test("an e-mail address needs both halves", () => {
  expect(emailProblem(" me@example.org ")).toBeUndefined();
  for (const bad of ["", "  ", "me", "me@", "@example.org", "me @example.org"]) expect(emailProblem(bad)).toBeDefined();
});

test("a new password is long enough, counted in characters and not in bytes", () => {
  expect(newPasswordProblem("123456789")).toContain("at least 10");
  expect(newPasswordProblem("🚀".repeat(10))).toBeUndefined();
  expect(newPasswordProblem("x".repeat(257))).toContain("at most 256");
});

test("an old password is only asked to be there", () => {
  expect(passwordProblem("")).toBeDefined();
  expect(passwordProblem("short")).toBeUndefined();
});

test("a name has 1 to 60 characters on one line", () => {
  expect(nameProblem("Tallyboard", "the app")).toBeUndefined();
  expect(nameProblem("日本語のアプリ", "the app")).toBeUndefined();
  expect(nameProblem("🚀".repeat(60), "the app")).toBeUndefined();
  expect(nameProblem("   ", "the app")).toBe("Give the app a name.");
  expect(nameProblem("x".repeat(61), "the app")).toContain("at most 60");
  expect(nameProblem("two\u0007bells", "the app")).toContain("one line");
});

test("deleting asks for exactly the name", () => {
  expect(typedNameProblem("Tallyboard", "Tallyboard")).toBeUndefined();
  expect(typedNameProblem("tallyboard", "Tallyboard")).toBe("Type Tallyboard to confirm.");
});

test("a token lives for whole days up to a year", () => {
  expect(["1", "90", "365"].map(tokenDaysProblem)).toEqual([undefined, undefined, undefined]);
  for (const bad of ["0", "366", "1.5", "-3", "", "soon"]) expect(tokenDaysProblem(bad)).toContain("1 to 365");
});

test("an error of the server goes to its field, and to the form when the form has no such field", () => {
  const weak = new ApiError(422, { code: "invalid_input", message: "Check the fields.", fields: { password: "is too easy to guess." } });
  expect(splitError(weak, { email: "", password: "" })).toEqual({ fields: { password: "It is too easy to guess." }, sentence: "" });
  expect(splitError(weak, { name: "" })).toEqual({ fields: {}, sentence: "Check the fields." });
});
