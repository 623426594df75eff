import { expect, test } from "vitest";
import { realEdits } from "./use-form";

test("what was typed outlives a change of what holds, unless it has come true", () => {
  const edits = { engine: "m", max: "3" };
  expect(realEdits({ engine: "s", min: "1", max: "" }, edits)).toEqual(edits);
  expect(realEdits({ engine: "m", min: "2", max: "" }, edits)).toEqual({ max: "3" });
});

test("typing back what holds is no edit", () => {
  expect(realEdits({ name: "Bakery" }, { name: "Bakery" })).toEqual({});
});
