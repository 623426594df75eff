import { expect, test } from "vitest";
import { bytes, duration, initials, monthName, relativeTime, usageText } from "./format";

const now = Date.parse("2026-11-21T12:00:00Z");
const ago = (seconds: number) => relativeTime(new Date(now - seconds * 1_000).toISOString(), now, "en");

test("a moment is told in the largest unit that fits", () => {
  expect([5, 50, 90, 3_600, 86_400, 40 * 86_400, 400 * 86_400].map(ago)).toEqual([
    "now",
    "1 minute ago",
    "1 minute ago",
    "1 hour ago",
    "yesterday",
    "last month",
    "last year",
  ]);
});

test("a moment ahead is told as such", () => {
  expect(ago(-3 * 86_400)).toBe("in 3 days");
});

test("sizes use the price list's decimal units", () => {
  expect([0, 999, 1_500, 210_000_000, 1_000_000_000, 3_400_000_000, 2e12].map((n) => bytes(n, "en"))).toEqual([
    "0 B",
    "999 B",
    "1.5 KB",
    "210 MB",
    "1 GB",
    "3.4 GB",
    "2 TB",
  ]);
});

test("usage names what is used and what is included", () => {
  expect(usageText(12_480, 1_000_000, "requests", "en")).toBe("12,480 of 1 M");
  expect(usageText(210_000_000, 1_000_000_000, "bytes", "en")).toBe("210 MB of 1 GB");
  expect(usageText(5_400, null, "seconds", "en")).toBe("1.5 h");
  expect(usageText(1, 1, "jobs", "en")).toBe("1 of 1");
});

test("short durations keep their seconds", () => {
  expect([4.9, 125].map((seconds) => duration(seconds, "en"))).toEqual(["4 s", "2 min"]);
});

test("a period belongs to its UTC month wherever the reader is", () => {
  expect(monthName("2026-11-01T00:00:00Z", "en")).toBe("November");
});

test("initials survive names of any script and length", () => {
  expect(["tallyboard", "x", "Äpfel", "🚀 go"].map(initials)).toEqual(["Ta", "X", "Äp", "🚀 "]);
});
