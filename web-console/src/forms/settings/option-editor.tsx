/** One option of the settings page: its control, what holds when it is empty, and the way back to the default. */

import type { SettingsField, SettingsOption } from "../../api/types";
import { Button } from "../../ui/button";
import { Choice } from "../../ui/choice";
import { isObject, same, withField, type Json } from "./draft";
import { ValueInput } from "./value-input";

type OptionEditorProps = {
  option: SettingsOption;
  value: Json;
  error: string | undefined;
  onChange: (value: Json) => void;
};

/** Fields that are on unless they are switched off, as Parse Server has them. */
const onByDefault = new Set(["enabled", "allowRegex", "resetPasswordSuccessOnInvalidEmail"]);

const stageNotes: Record<string, string> = {
  building: "Signed-in people may create classes and fields by using them.",
  live: "Clients create no classes and fields any more.",
};

type FieldsProps = { input: string; fields: readonly SettingsField[]; value: Json; onChange: (value: Json) => void };

function Fields({ input, fields, value, onChange }: FieldsProps) {
  const object = isObject(value) ? value : {};
  return fields.map((field) => {
    const inside = `${input}.${field.name}`;
    const set = (changed: Json) => onChange(withField(value, field.name, changed));
    if (field.fields.length > 0) {
      return (
        <details key={field.name} className="setting-part" open={field.name in object}>
          <summary>
            {field.title}
            {field.name in object ? <span className="muted small"> is set up</span> : null}
          </summary>
          <div className="setting-fields">
            <Fields input={inside} fields={field.fields} value={object[field.name] ?? null} onChange={set} />
          </div>
        </details>
      );
    }
    const hint = field.description === "" ? undefined : field.description;
    const fallback = onByDefault.has(field.name) ? true : undefined;
    return <ValueInput key={field.name} input={inside} label={field.title} kind={field.kind} value={object[field.name] ?? null} fallback={fallback} hint={hint} onChange={set} />;
  });
}

function isEmpty(value: Json): boolean {
  return value === null || (isObject(value) && Object.keys(value).length === 0);
}

/** What holds when nothing is set, in a few words; nothing where the control says it. */
function defaultText({ kind, default: standard }: SettingsOption): string {
  if (isEmpty(standard) || same(standard, []) || kind === "object" || kind === "any") return "";
  if (kind === "boolean") return standard === true ? "Usually on." : "Usually off.";
  return `${Array.isArray(standard) ? standard.join(", ") : String(standard)} when empty.`;
}

export function OptionEditor({ option, value, error, onChange }: OptionEditorProps) {
  const hint = [option.description, defaultText(option)].filter(Boolean).join(" ");
  if (option.choices.length > 0) {
    const choices = option.choices.map((choice) => ({ value: choice, label: choice.charAt(0).toUpperCase() + choice.slice(1), note: stageNotes[choice] }));
    return <Choice legend={option.title} options={choices} value={String(value ?? option.default)} onChange={onChange} error={error} />;
  }
  if (option.fields.length > 0) {
    return (
      <fieldset className="setting-group" aria-describedby={error === undefined ? undefined : `${option.name}-error`}>
        <legend>{option.title}</legend>
        <p className="field-hint">{hint}</p>
        {error === undefined ? null : (
          <p className="field-error" id={`${option.name}-error`}>
            {error}
          </p>
        )}
        <div className="setting-fields">
          <Fields input={option.name} fields={option.fields} value={value} onChange={onChange} />
        </div>
      </fieldset>
    );
  }
  return <ValueInput input={option.name} label={option.title} kind={option.kind} value={value} fallback={option.default} hint={hint} error={error} onChange={onChange} />;
}

type SettingRowProps = OptionEditorProps & {
  changed: boolean;
  /** An input of it holds a text that is no value yet. */
  unread: boolean;
  onDefault: () => void;
};

/** An option with its name in the settings and the button that resets it. */
export function SettingRow({ changed, unread, onDefault, ...editor }: SettingRowProps) {
  const { option, value } = editor;
  return (
    <div className={changed ? "setting setting-changed" : "setting"}>
      <OptionEditor {...editor} />
      <div className="setting-foot">
        <code className="xs muted">{option.name}</code>
        {changed ? <span className="xs setting-mark">Not saved</span> : null}
        <span className="grow" />
        {(isEmpty(value) && !unread) || option.name === "stage" ? null : (
          <Button small look="quiet" onClick={onDefault}>
            Use the default
          </Button>
        )}
      </div>
    </div>
  );
}
