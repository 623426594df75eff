/** The app's settings by section, with one draft for all of them: changing the section loses nothing, and saving is one step. */

import { useEffect, useRef } from "react";
import type { Settings } from "../../api/types";
import { Button } from "../../ui/button";
import { Panel } from "../../ui/panel";
import { changesText, valueOf, withChange } from "./draft";
import { JSON_PART, JsonEditor } from "./json-editor";
import { SettingRow } from "./option-editor";
import { TypedContext } from "./typed-context";
import type { SettingsDraft } from "./use-settings-draft";

/** Why nothing can be saved while a text is no value yet; it may stand in another part than the one that is shown. */
function unreadSentence(unread: readonly string[], { options }: Settings): string | undefined {
  if (unread.length === 0) return undefined;
  const titles = unread.map((name) => options.find((option) => option.name === name)?.title ?? "As JSON");
  return `${titles.join(", ")}: what is typed cannot be saved. What is wrong is written beside it.`;
}

function SaveBar({ form }: { form: SettingsDraft }) {
  const { settings, changed, unread, failure, busy, saving } = form;
  if (changed.length === 0) return null;
  const blocked = unreadSentence(unread, settings);
  return (
    <div className="save-bar" role="region" aria-label="Unsaved changes">
      <div className="grow">
        <div className="save-bar-title" aria-live="polite">
          {changesText(changed.length)} not saved
        </div>
        <div role="alert" className="small save-bar-alert">
          {failure.isOutdated ? failure.sentence : (blocked ?? failure.sentence)}
        </div>
      </div>
      {failure.isOutdated ? (
        <Button look="primary" busy={busy} onClick={form.loadLatest}>
          Load what is there now
        </Button>
      ) : (
        <>
          <Button busy={busy} onClick={form.discard}>
            Discard
          </Button>
          <Button look="primary" type="submit" busy={busy} disabledReason={blocked}>
            {saving ? "Saving…" : "Save"}
          </Button>
        </>
      )}
    </div>
  );
}

function SectionBody({ part, form }: { part: string; form: SettingsDraft }) {
  const { settings, draft, changed, unread, set } = form;
  const { errors } = form.failure;
  if (part === JSON_PART) {
    return (
      <div className="panel-body">
        <JsonEditor draft={draft} options={settings.options} errors={errors} onChange={set} />
      </div>
    );
  }
  const options = settings.options.filter(({ section }) => section === part);
  return options.map((option) => (
    <SettingRow
      key={option.name}
      option={option}
      value={valueOf(draft, option)}
      changed={changed.includes(option.name)}
      unread={unread.includes(option.name)}
      error={errors[option.name]}
      onChange={(value) => set(withChange(draft, option, value))}
      onDefault={() => {
        form.forget(option.name);
        set(withChange(draft, option, null));
      }}
    />
  ));
}

function focusFirstInvalid(form: HTMLFormElement | null): void {
  form?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
}

/** One part of the settings; what belongs to other parts stays in the draft. */
export function SettingsForm({ part, form }: { part: string; form: SettingsDraft }) {
  const element = useRef<HTMLFormElement>(null);
  const { settings, unread } = form;
  const { errors } = form.failure;
  useEffect(() => {
    if (Object.keys(errors).length > 0) focusFirstInvalid(element.current);
  }, [errors]);
  const section = settings.sections.find(({ id }) => id === part);
  return (
    <form
      ref={element}
      noValidate
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (unread.length > 0) focusFirstInvalid(element.current);
        else if (!form.busy && !form.failure.isOutdated) form.save();
      }}
    >
      <Panel title={section?.title ?? "All settings as JSON"}>
        {section === undefined ? null : <p className="panel-about muted">{section.description}</p>}
        <TypedContext value={form}>
          <SectionBody key={part} part={part} form={form} />
        </TypedContext>
      </Panel>
      <SaveBar form={form} />
    </form>
  );
}
