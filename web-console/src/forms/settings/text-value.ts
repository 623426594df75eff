/** Between what is typed into one input and the value it stands for. What cannot be read stays text: the server says what is wrong with it. */

import type { SettingKind } from "../../api/types";
import { isObject, type Json } from "./draft";

/** Kinds that are typed as they are; the others have a control of their own or are JSON. */
export function isLines(kind: SettingKind): boolean {
  return kind === "list" || kind === "addresses";
}

/** A value as it stands in its input. */
export function toText(kind: SettingKind, value: Json): string {
  if (value === null || value === undefined) return "";
  if (isLines(kind)) return Array.isArray(value) ? value.join("\n") : String(value);
  if (kind === "object" || kind === "any") return JSON.stringify(value, null, 2);
  return String(value);
}

/** One text a line; addresses also by commas, which patterns may hold, and certificates as the blocks they are. */
function lines(kind: SettingKind, text: string): string[] {
  const certificates = text.match(/-----BEGIN [^-]+-----[\s\S]*?-----END [^-]+-----/g);
  if (certificates !== null) return certificates;
  return text
    .split(kind === "addresses" ? /[\n,]/ : "\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** Said of a list, a number or a text where an object is needed. */
export const NO_OBJECT = "This must be an object: names and values in curly braces.";

export type Read = { value: Json } | { problem: string };

/** The value of what is typed; nothing typed is no value. */
export function fromText(kind: SettingKind, text: string): Read {
  const trimmed = text.trim();
  if (trimmed === "") return { value: null };
  if (isLines(kind)) return { value: lines(kind, text) };
  if (kind === "integer" || kind === "size") return { value: /^-?\d+$/.test(trimmed) ? Number(trimmed) : trimmed };
  if (kind !== "object" && kind !== "any") return { value: text };
  try {
    const value = JSON.parse(text) as Json;
    return kind === "object" && value !== null && !isObject(value) ? { problem: NO_OBJECT } : { value };
  } catch (error) {
    return { problem: `This is not JSON yet: ${error instanceof Error ? error.message : "check its brackets and quotes"}.` };
  }
}
