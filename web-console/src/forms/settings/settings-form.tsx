/** The app's settings by section, with one draft for all of them: changing the section loses nothing, and saving is one step. */

import { useEffect, useRef, useState } from "react";
import { changeSettings } from "../../api/actions";
import { ApiError, errorSentence, fieldSentence } from "../../api/error";
import { appQuery, settingsQuery } from "../../api/queries";
import { queryClient } from "../../api/query-client";
import type { App, Settings } from "../../api/types";
import { useAction } from "../../api/use-action";
import { Button } from "../../ui/button";
import { Panel } from "../../ui/panel";
import { toast } from "../../ui/toast";
import { patchOf, valueOf, withChange, type Draft } from "./draft";
import { JsonEditor } from "./json-editor";
import { SettingRow } from "./option-editor";

export const JSON_PART = "json";

export type SettingsDraft = ReturnType<typeof useSettingsDraft>;

/** Asks before the window goes away with unsaved changes. */
function useLeaveWarning(isUnsaved: boolean): void {
  useEffect(() => {
    if (!isUnsaved) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [isUnsaved]);
}

/** The draft of one app's settings, and saving it. */
export function useSettingsDraft(app: App, settings: Settings) {
  const [draft, setDraft] = useState<Draft>({});
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({});
  const [sentence, setSentence] = useState("");
  /** Grows when inputs have to forget what was typed into them. */
  const [round, setRound] = useState(0);
  const changed = Object.keys(draft);
  useLeaveWarning(changed.length > 0);

  const startAgain = () => {
    setDraft({});
    setErrors({});
    setSentence("");
    setRound((old) => old + 1);
  };
  const save = useAction(() => changeSettings(app.id, settings.version, { ...draft, ...patchOf(draft, settings.options) }), {
    showsError: true,
    refreshes: [appQuery(app.id).queryKey],
    onDone: (saved) => {
      queryClient.setQueryData(settingsQuery(app.id).queryKey, saved);
      startAgain();
      toast.done("Saved. The app takes the settings up while it runs.");
    },
  });
  const fail = (error: unknown) => {
    if (error instanceof ApiError && error.code === "settings_changed") void queryClient.invalidateQueries({ queryKey: settingsQuery(app.id).queryKey });
    const fields = error instanceof ApiError ? error.fields : {};
    const named = Object.entries(fields).map(([name, text]) => [name, fieldSentence(text)]);
    setErrors(Object.fromEntries(named) as Record<string, string>);
    setSentence(named.length === 0 ? errorSentence(error) : "Some settings are not valid. What is wrong is written beside them.");
  };
  return {
    settings,
    draft,
    errors,
    sentence,
    round,
    changed,
    busy: save.isPending,
    set: (next: Draft) => {
      setDraft(next);
      setErrors((old) => Object.fromEntries(Object.entries(old).filter(([name]) => next[name] === draft[name])));
      setSentence("");
    },
    discard: startAgain,
    save: () => save.mutate(undefined, { onError: fail }),
  };
}

function SaveBar({ form }: { form: SettingsDraft }) {
  const { changed, sentence, busy } = form;
  if (changed.length === 0) return null;
  const words = changed.length === 1 ? "1 change is not saved" : `${changed.length} changes are not saved`;
  return (
    <div className="save-bar" role="region" aria-label="Unsaved changes">
      <div className="grow">
        <div className="save-bar-title" aria-live="polite">
          {words}
        </div>
        <div role="alert" className="small save-bar-alert">
          {sentence}
        </div>
      </div>
      <Button busy={busy} onClick={form.discard}>
        Discard
      </Button>
      <Button look="primary" type="submit" busy={busy}>
        {busy ? "Saving…" : "Save"}
      </Button>
    </div>
  );
}

function SectionBody({ part, form }: { part: string; form: SettingsDraft }) {
  const { settings, draft, errors, set } = form;
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
      changed={option.name in draft}
      error={errors[option.name]}
      onChange={(value) => set(withChange(draft, option, value))}
    />
  ));
}

/** One part of the settings; what belongs to other parts stays in the draft. */
export function SettingsForm({ part, form }: { part: string; form: SettingsDraft }) {
  const element = useRef<HTMLFormElement>(null);
  const { settings, errors, round } = form;
  useEffect(() => {
    if (Object.keys(errors).length > 0) element.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [errors]);
  const section = settings.sections.find(({ id }) => id === part);
  return (
    <form
      ref={element}
      noValidate
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!form.busy) form.save();
      }}
    >
      <Panel title={section?.title ?? "All settings as JSON"}>
        {section === undefined ? null : <p className="panel-about muted">{section.description}</p>}
        <SectionBody key={`${part}-${round}`} part={part} form={form} />
      </Panel>
      <SaveBar form={form} />
    </form>
  );
}
