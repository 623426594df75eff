/** One of a few: native radio buttons drawn as cards, so arrow keys and screen readers work as people know them. */

import { useId } from "react";

export type ChoiceOption = { value: string; label: string; note?: string | undefined; /** Shown, with the note as the reason. */ disabled?: boolean };

type ChoiceProps = { legend: string; options: ChoiceOption[]; value: string; onChange: (value: string) => void; error?: string | undefined };

export function Choice({ legend, options, value, onChange, error }: ChoiceProps) {
  const name = useId();
  return (
    <fieldset className="choice" aria-describedby={error === undefined ? undefined : `${name}-error`}>
      <legend>{legend}</legend>
      <div className="choice-options">
        {options.map((option) => (
          <label key={option.value} className="choice-card">
            <input type="radio" name={name} value={option.value} checked={option.value === value} disabled={option.disabled} onChange={() => onChange(option.value)} />
            <span>
              <span className="choice-label">{option.label}</span>
              {option.note === undefined ? null : <span className="choice-note">{option.note}</span>}
            </span>
          </label>
        ))}
      </div>
      {error === undefined ? null : (
        <p className="field-error" id={`${name}-error`}>
          {error}
        </p>
      )}
    </fieldset>
  );
}
