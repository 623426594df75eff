/** All settings as one JSON document, for people who have one: it can be pasted from a Parse Server. */

import type { SettingsOption } from "../../api/types";
import { documentOf, draftOf, isObject, type Draft, type Json } from "./draft";
import { NO_OBJECT } from "./text-value";
import { ValueInput } from "./value-input";

/** Its place among the parts of the page and among their inputs. */
export const JSON_PART = "json";

type JsonEditorProps = { draft: Draft; options: readonly SettingsOption[]; errors: Readonly<Record<string, string>>; onChange: (draft: Draft) => void };

export function JsonEditor({ draft, options, errors, onChange }: JsonEditorProps) {
  const read = (value: Json): Draft => {
    const document = isObject(value) ? value : {};
    const { draft: changed, unknown } = draftOf(document, options);
    // The server knows best why a name is none, and which was meant.
    return { ...changed, ...Object.fromEntries(unknown.map((name) => [name, document[name]])) };
  };
  const said = Object.entries(errors).map(([name, text]) => `${name}: ${text}`);
  return (
    <ValueInput
      input={JSON_PART}
      label="Everything that is set"
      kind="object"
      value={documentOf(draft, options)}
      hint="Option names and values are Parse Server's. An option that is left out has its default. A secret shown as ******** stays as it is."
      error={said.length === 0 ? undefined : said.join(" ")}
      onChange={(value) => onChange(read(value))}
      check={(value) => (isObject(value) ? undefined : NO_OBJECT)}
      becomes={(value) => documentOf(read(value), options)}
    />
  );
}
