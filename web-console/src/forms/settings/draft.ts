/** What somebody has changed on the settings page and not saved: the options with their new values, and the patch that saves them. */

import type { SettingsOption } from "../../api/types";

export type Json = unknown;
export type JsonObject = Record<string, Json>;

/** Option name → the value it is to have; null brings the default back. */
export type Draft = Readonly<Record<string, Json>>;

export function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** "1 change is", "2 changes are". */
export const changesText = (count: number): string => (count === 1 ? "1 change is" : `${count} changes are`);

/** Equal as JSON, whatever the order of names. */
export function same(one: Json, other: Json): boolean {
  if (Array.isArray(one) && Array.isArray(other)) return one.length === other.length && one.every((item, index) => same(item, other[index]));
  if (!isObject(one) || !isObject(other)) return one === other;
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => same(one[name], other[name]));
}

/** The draft with one option changed; back to what is saved means that it is no change. */
export function withChange(draft: Draft, option: SettingsOption, value: Json): Draft {
  const { [option.name]: _, ...others } = draft;
  return same(value, option.value) ? others : { ...others, [option.name]: value };
}

/** What the page shows for an option: what is typed, else what is saved. */
export function valueOf(draft: Draft, option: SettingsOption): Json {
  return option.name in draft ? draft[option.name] : option.value;
}

/** An object with one field changed; undefined removes it, and an object without fields is nothing. */
export function withField(object: Json, name: string, value: Json): Json {
  const { [name]: _, ...others } = isObject(object) ? object : {};
  const changed = value === undefined || value === null ? others : { ...others, [name]: value };
  return Object.keys(changed).length === 0 ? null : changed;
}

/** The JSON Merge Patch (RFC 7396) from one value to another. */
export function mergePatch(from: Json, to: Json): Json {
  if (!isObject(from) || !isObject(to)) return to ?? null;
  const names = new Set([...Object.keys(from), ...Object.keys(to)]);
  const changes = [...names].filter((name) => !same(from[name], to[name])).map((name) => [name, mergePatch(from[name], to[name])]);
  return Object.fromEntries(changes) as JsonObject;
}

/** The patch that saves a draft. */
export function patchOf(draft: Draft, options: readonly SettingsOption[]): JsonObject {
  const changed = options.filter(({ name }) => name in draft);
  return Object.fromEntries(changed.map(({ name, value }) => [name, mergePatch(value, draft[name])])) as JsonObject;
}

/** Everything that is set, as one document. */
export function documentOf(draft: Draft, options: readonly SettingsOption[]): JsonObject {
  const set = options.map((option) => [option.name, valueOf(draft, option)] as const).filter(([, value]) => value !== null);
  return Object.fromEntries(set) as JsonObject;
}

/** The draft that makes the settings this document; names that are no options are given back. */
export function draftOf(document: JsonObject, options: readonly SettingsOption[]): { draft: Draft; unknown: string[] } {
  const draft = options.reduce<Draft>((all, option) => withChange(all, option, document[option.name] ?? null), {});
  const unknown = Object.keys(document).filter((name) => !options.some((option) => option.name === name));
  return { draft, unknown };
}
