import { expect, test } from "vitest";
import { isObject } from "./draft";
import { shownText, unreadable, withoutOption } from "./typed";

const withoutNulls = (read: unknown) => (isObject(read) ? Object.fromEntries(Object.entries(read).filter(([, value]) => value !== null)) : read);

test("what is typed stays as it is while it stands for the value", () => {
  expect(shownText("integer", 5, { text: "05" })).toBe("05");
  expect(shownText("list", ["a"], { text: "a\n" })).toBe("a\n");
  expect(shownText("object", { a: 1 }, { text: '{"a":1}' })).toBe('{"a":1}');
});

test("a value from elsewhere replaces what is typed, as the default does", () => {
  expect(shownText("integer", null, { text: "500" })).toBe("");
  expect(shownText("text", "theirs", { text: "mine" })).toBe("theirs");
});

test("what is no value yet stays, whatever the value is", () => {
  expect(shownText("object", { a: 1 }, { text: "{", problem: "This is not JSON yet." })).toBe("{");
});

test("a value that the draft takes up in another form stays as typed", () => {
  const typed = { text: '{"maxLimit":null}' };
  expect(shownText("object", {}, typed, withoutNulls)).toBe(typed.text);
  expect(shownText("object", {}, typed)).toBe("{}");
});

test("options with an unreadable input are named once, and forgotten as a whole", () => {
  const typed = { "schema.definitions": { text: "{", problem: "no" }, "schema.strict": { text: "[", problem: "no" }, maxLimit: { text: "5" } };
  expect(unreadable(typed)).toEqual(["schema"]);
  expect(withoutOption(typed, "schema")).toEqual({ maxLimit: { text: "5" } });
});
