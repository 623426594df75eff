import { expect, test } from "vitest";
import { auditChanges, auditSentence } from "./audit-words";

test("an action is told in words, however its name is joined", () => {
  expect(["app_create", "app.create", "app-create"].map((action) => auditSentence({ action }))).toEqual(Array(3).fill("created the app"));
});

test("an action of a newer control plane is still readable", () => {
  expect(auditSentence({ action: "spend_cap.raise" })).toBe("spend cap raise");
});

test("only what differs is listed", () => {
  expect(auditChanges({ before: { name: "A", region: "eu" }, after: { name: "B", region: "eu" } })).toEqual([{ name: "name", before: "A", after: "B" }]);
});

test("created and removed fields have one side, and odd values do no harm", () => {
  expect(auditChanges({ before: null, after: { name: "A" } })).toEqual([{ name: "name", before: "", after: "A" }]);
  expect(auditChanges({ before: ["x"], after: "y" })).toEqual([]);
});
