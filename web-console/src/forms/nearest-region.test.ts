import { expect, test } from "vitest";
import { nearestRegion } from "./nearest-region";

const both = ["eu", "na"];

test("the Americas start in North America and everyone else in Europe", () => {
  expect(nearestRegion("America/Sao_Paulo", both)).toBe("na");
  expect(nearestRegion("Europe/Sofia", both)).toBe("eu");
  expect(nearestRegion("UTC", both)).toBe("eu");
});

test("a region that is not offered is never chosen", () => {
  expect(nearestRegion("America/New_York", ["eu"])).toBe("eu");
  expect(nearestRegion("UTC", [])).toBe("");
});
