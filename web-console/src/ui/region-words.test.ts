import { expect, test } from "vitest";
import { regionTrouble } from "./region-words";

test("a region that is switched off is not said to be out of reach", () => {
  expect(regionTrouble({ reason: "off" })).toEqual({ short: "Switched off", sentence: "is switched off" });
  expect(regionTrouble({ reason: "away" })?.sentence).toContain("cannot be reached");
  expect(regionTrouble({ reason: null })).toBeNull();
});
