/** One input of the settings page for one kind of value. */

import { useId, type ReactNode } from "react";
import type { SettingKind } from "../../api/types";
import { FieldNotes } from "../../ui/field";
import type { Json } from "./draft";
import { fromText, isLines, toText } from "./text-value";
import { shownText } from "./typed";
import { useTyped } from "./typed-context";

export type ValueInputProps = {
  /** Its place among the inputs of the page. */
  input: string;
  label: string;
  kind: SettingKind;
  value: Json;
  /** Shown in an empty input: what holds then. */
  fallback?: Json;
  hint?: ReactNode;
  error?: string | undefined;
  onChange: (value: Json) => void;
  /** What is wrong with a value that can be read. */
  check?: (value: Json) => string | undefined;
  /** What the draft makes of a value. */
  becomes?: (value: Json) => Json;
};

function Switch({ label, value, fallback, hint, error, onChange }: ValueInputProps) {
  const id = useId();
  return (
    <div className="switch">
      <input
        id={id}
        type="checkbox"
        className="switch-box"
        checked={typeof value === "boolean" ? value : fallback === true}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => onChange(event.target.checked)}
      />
      <div className="switch-words">
        <label htmlFor={id}>{label}</label>
        <FieldNotes id={id} hint={hint} error={error} />
      </div>
    </div>
  );
}

function placeholder(kind: SettingKind, fallback: Json): string | undefined {
  const text = toText(kind, fallback ?? null);
  return text === "" ? undefined : text;
}

function TextInput({ input, label, kind, value, fallback, hint, error, onChange, check, becomes }: ValueInputProps) {
  const id = useId();
  const [typed, keep] = useTyped(input);
  const text = shownText(kind, value, typed, becomes);
  const shown = typed?.problem ?? error;
  const type = (changed: string) => {
    const read = fromText(kind, changed);
    const problem = "problem" in read ? read.problem : check?.(read.value);
    keep({ text: changed, problem });
    if ("value" in read && problem === undefined) onChange(read.value);
  };
  const filling = text === "" ? (placeholder(kind, fallback) ?? "") : text;
  const isJson = kind === "object" || kind === "any";
  const shared = {
    id,
    value: text,
    placeholder: placeholder(kind, fallback),
    spellCheck: false,
    autoComplete: "off",
    autoCapitalize: "none",
    "aria-invalid": shown === undefined ? undefined : true,
    "aria-describedby": [hint === undefined ? "" : `${id}-hint`, shown === undefined ? "" : `${id}-error`].filter(Boolean).join(" ") || undefined,
  } as const;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {isJson || isLines(kind) ? (
        <textarea
          className={isJson ? "input input-area input-code" : "input input-area"}
          rows={Math.min(16, Math.max(2, filling.split("\n").length))}
          onChange={(event) => type(event.target.value)}
          {...shared}
        />
      ) : (
        <input className="input" type="text" inputMode={kind === "integer" ? "numeric" : undefined} onChange={(event) => type(event.target.value)} {...shared} />
      )}
      <FieldNotes id={id} hint={hint} error={shown} />
    </div>
  );
}

export function ValueInput(props: ValueInputProps) {
  return props.kind === "boolean" ? <Switch {...props} /> : <TextInput {...props} />;
}
