import { expect, test } from "vitest";
import { fromText, toText } from "./text-value";

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

test("lists may be separated by commas", () => {
  expect(fromText("list", "a, b\n\nc")).toEqual({ value: ["a", "b", "c"] });
});

test("half-typed JSON is a problem and no value", () => {
  expect(fromText("object", "{")).toHaveProperty("problem");
});
