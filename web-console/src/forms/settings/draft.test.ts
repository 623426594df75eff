import { expect, test } from "vitest";
import type { SettingsOption } from "../../api/types";
import { documentOf, draftOf, mergePatch, patchOf, same, withChange, withField } from "./draft";

const option = (name: string, value: unknown): SettingsOption =>
  ({ name, value, default: null, section: "users", title: name, description: "", kind: "any", minimum: null, maximum: null, choices: [], fields: [] }) as SettingsOption;

test("a change that is taken back is no change", () => {
  const length = option("sessionLength", 60);
  const draft = withChange({}, length, 70);
  expect(draft).toEqual({ sessionLength: 70 });
  expect(withChange(draft, length, 60)).toEqual({});
});

test("values are equal whatever the order of their names", () => {
  expect(same({ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 })).toBe(true);
  expect(same([1, 2], [2, 1])).toBe(false);
  expect(same(null, {})).toBe(false);
});

test("an emptied object is nothing", () => {
  expect(withField({ threshold: 3 }, "threshold", undefined)).toBeNull();
  expect(withField(null, "threshold", 3)).toEqual({ threshold: 3 });
});

test("a patch names what changed, and null for what went", () => {
  const saved = { clientId: "a", clientSecret: "********" };
  expect(mergePatch({ github: saved }, { github: { ...saved, clientId: "b" } })).toEqual({ github: { clientId: "b" } });
  expect(mergePatch({ github: saved }, null)).toBeNull();
  expect(mergePatch({ github: saved }, {})).toEqual({ github: null });
  expect(mergePatch([1], [2])).toEqual([2]);
});

test("only changed options are in the patch", () => {
  const options = [option("mail", { from: "a@b.c", smtpUrl: "x" }), option("maxLimit", 5)];
  expect(patchOf({ mail: { from: "c@b.c", smtpUrl: "x" } }, options)).toEqual({ mail: { from: "c@b.c" } });
});

test("the document of all settings leads back to the draft", () => {
  const options = [option("maxLimit", 5), option("sessionLength", null), option("rateLimit", [{ requestCount: 1 }])];
  const draft = { maxLimit: null, sessionLength: 60 };
  const document = documentOf(draft, options);
  expect(document).toEqual({ sessionLength: 60, rateLimit: [{ requestCount: 1 }] });
  expect(draftOf(document, options)).toEqual({ draft, unknown: [] });
  expect(draftOf({ ...document, sesionLength: 1 }, options).unknown).toEqual(["sesionLength"]);
});
