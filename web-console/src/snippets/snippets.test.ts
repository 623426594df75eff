import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { colour } from "./colour";
import { snippets, type Snippet, type SnippetInput } from "./index";

const input: SnippetInput = {
  url: "https://tallyboard-7k2m4p.eu.slipway.app/parse",
  applicationId: "tallyboard-7k2m4p",
  clientKey: "ck_4mT9bWcR0yQnZs1vE8kQ2aaaaaaaaaaa",
  javascriptKey: "js_4mT9bWcR0yQnZs1vE8kQ2aaaaaaaaaaa",
  restKey: "rest_4mT9bWcR0yQnZs1vE8kQ2aaaaaaaaaaa",
};

function snippet(id: string, from: SnippetInput = input): Snippet {
  const found = snippets(from).find((candidate) => candidate.id === id);
  if (found === undefined) throw new Error(`no snippet ${id}`);
  return found;
}

describe("every snippet", () => {
  test.each(snippets(input))("$title names the app, its address and the key its SDK sends", ({ id, code }) => {
    const key = { node: input.javascriptKey, browser: input.javascriptKey, swift: input.clientKey, kotlin: input.clientKey, curl: input.restKey }[id];
    expect(code).toContain(input.applicationId);
    expect(code).toContain(input.url);
    expect(code).toContain(key);
  });

  test.each(snippets(input))("$title signs in an anonymous user before it saves, because a new app is private", ({ code }) => {
    const signIn = code.search(/anonymous/i);
    expect(signIn).toBeGreaterThan(-1);
    expect(code.search(/saveInBackground|task\.save\(\)|classes\/Task/)).toBeGreaterThan(signIn);
  });

  test.each(snippets(input))("$title is shown in colours without a changed character", ({ code, language }) => {
    const shown = colour(code, language);
    expect(shown.map((part) => part.text).join("")).toBe(code);
    expect(shown.some((part) => part.kind === "string")).toBe(true);
  });
});

test("on Node the snippet turns on the current user, which carries the session", () => {
  expect(snippet("node").code).toMatch(/enableUnsafeCurrentUser\(\)[\s\S]*AnonymousUtils\.logIn\(\)/);
});

test("the curl snippet is valid shell and has no comment, which an interactive zsh would run", () => {
  const { code } = snippet("curl");
  expect(() => execFileSync("bash", ["-n"], { input: code })).not.toThrow();
  expect(code).not.toMatch(/(^|\s)#/m);
});

test("nothing in a key or an address can break out of the shell's quotes", () => {
  const { code } = snippet("curl", { ...input, restKey: "a'b$(touch x)" });
  const printed = execFileSync("bash", { input: `${code.split("\n").slice(0, 3).join("\n")}\nprintf %s "$KEY"` });
  expect(printed.toString()).toBe("a'b$(touch x)");
});

test("a local app is addressed from the Android emulator by its host's name there", () => {
  const local = { ...input, url: "http://localhost:20001/parse" };
  expect(snippet("kotlin", local).code).toContain("http://10.0.2.2:20001/parse");
  expect(snippet("swift", local).code).toContain("http://localhost:20001/parse");
});
