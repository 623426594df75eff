import { expect, test } from "vitest";
import { NO_OBJECT, fromText, toText } from "./text-value";

test("each kind reads what it writes", () => {
  for (const [kind, value] of [
    ["integer", 60],
    ["size", "20mb"],
    ["text", "App <app@example.org>"],
    ["list", ["a", "b"]],
    ["addresses", ["10.0.0.0/8"]],
    ["any", [{ requestPath: "/x" }]],
    ["text", null],
  ] as const) {
    expect(fromText(kind, toText(kind, value))).toEqual({ value });
  }
});

test("what is no number stays as typed, for the server to name", () => {
  expect(fromText("integer", "soon")).toEqual({ value: "soon" });
});

test("addresses may be separated by commas, which patterns may hold", () => {
  expect(fromText("addresses", "10.0.0.1, ::1\n\n10.0.0.2")).toEqual({ value: ["10.0.0.1", "::1", "10.0.0.2"] });
  expect(fromText("list", "classes/[A-Z]{1,9}\n")).toEqual({ value: ["classes/[A-Z]{1,9}"] });
});

test("certificates stay whole", () => {
  const one = "-----BEGIN CERTIFICATE-----\nMIIB\nAAAA\n-----END CERTIFICATE-----";
  expect(fromText("list", `${one}\n${one}\n`)).toEqual({ value: [one, one] });
});

test("half-typed JSON is a problem and no value", () => {
  expect(fromText("object", "{")).toHaveProperty("problem");
});

test("where an object is needed, other JSON is a problem and no value", () => {
  for (const text of ["[]", "5", '"mail"', "true"]) expect(fromText("object", text)).toEqual({ problem: NO_OBJECT });
  expect(fromText("any", "[]")).toEqual({ value: [] });
  expect(fromText("object", "null")).toEqual({ value: null });
});
