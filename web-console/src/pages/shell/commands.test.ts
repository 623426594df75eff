import { expect, test } from "vitest";
import { search, type Command } from "./commands";

const command = (label: string, group = "Go to"): Command => ({ id: label, label, group, icon: "start", run: () => undefined });
const commands = [command("Tallyboard"), command("Émile’s app"), command("New app"), command("Dark theme", "Theme"), command("Copy REST key", "Keys")];
const labels = (query: string) => search(commands, query).map(({ label }) => label);

test("without a query everything is offered in its order", () => {
  expect(labels("  ")).toEqual(commands.map(({ label }) => label));
});

test("all words must match, in any order and case", () => {
  expect(labels("KEY rest")).toEqual(["Copy REST key"]);
  expect(labels("rest nothing")).toEqual([]);
});

test("accents do not hide an app", () => {
  expect(labels("emile")).toEqual(["Émile’s app"]);
});

test("a word's start is a better match than its middle", () => {
  expect(labels("t")[0]).toBe("Tallyboard");
  expect(labels("a")).toEqual(["Émile’s app", "New app", "Tallyboard", "Dark theme"]);
});
