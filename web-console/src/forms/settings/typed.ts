/** What is typed into the inputs of the settings page, by input. It outlives a change of the section, also where it is no value yet. */

import type { SettingKind } from "../../api/types";
import { same, type Json } from "./draft";
import { fromText, toText } from "./text-value";

export type Typed = { text: string; problem?: string | undefined };

/** The input of an option has its name, that of a field `option.field`. */
export type TypedTexts = Readonly<Record<string, Typed>>;

/** What stands in an input: what was typed, until the draft gets another value from elsewhere. `becomes` is what the draft makes of a typed value. */
export function shownText(kind: SettingKind, value: Json, typed: Typed | undefined, becomes: (read: Json) => Json = (read) => read): string {
  if (typed === undefined) return toText(kind, value);
  if (typed.problem !== undefined) return typed.text;
  const read = fromText(kind, typed.text);
  return "value" in read && same(becomes(read.value), value) ? typed.text : toText(kind, value);
}

/** Forgets what was typed for one option. */
export function withoutOption(typed: TypedTexts, option: string): TypedTexts {
  return Object.fromEntries(Object.entries(typed).filter(([input]) => optionOf(input) !== option));
}

/** The options with an input whose text is no value yet. Their draft is older than what is shown, so nothing is saved meanwhile. */
export function unreadable(typed: TypedTexts): string[] {
  const inputs = Object.keys(typed).filter((input) => typed[input]?.problem !== undefined);
  return [...new Set(inputs.map(optionOf))];
}

const optionOf = (input: string): string => input.split(".")[0] ?? input;
