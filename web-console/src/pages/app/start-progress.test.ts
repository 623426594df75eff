import { expect, test } from "vitest";
import { isSlowStart, startProgress } from "./start-progress";

test("progress only ever moves on, and never claims to be done", () => {
  const course = [0, 1, 2, 4, 8, 16, 60, 3_600].map(startProgress);
  expect(course[0]).toBe(0);
  expect(course).toEqual([...course].sort((a, b) => a - b));
  expect(Math.max(...course)).toBeLessThan(100);
});

test("a start that takes far longer than usual is called slow", () => {
  expect(isSlowStart(8)).toBe(false);
  expect(isSlowStart(60)).toBe(true);
});
