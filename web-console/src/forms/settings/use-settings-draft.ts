/** The draft of one app's settings, and saving it. */

import { useEffect, useRef, useState } from "react";
import { changeSettings } from "../../api/actions";
import { ApiError, errorSentence, fieldSentence } from "../../api/error";
import { appQuery, settingsQuery } from "../../api/queries";
import { queryClient } from "../../api/query-client";
import type { App, Settings } from "../../api/types";
import { useAction } from "../../api/use-action";
import { toast } from "../../ui/toast";
import { patchOf, type Draft } from "./draft";
import { unreadable, withoutOption, type Typed, type TypedTexts } from "./typed";

export type SettingsDraft = ReturnType<typeof useSettingsDraft>;

type Failure = {
  /** Option → what is wrong with it. */
  errors: Readonly<Record<string, string>>;
  sentence: string;
  /** Somebody else has saved since the draft was begun. */
  isOutdated: boolean;
};

const NO_FAILURE: Failure = { errors: {}, sentence: "", isOutdated: false };

function failureOf(error: unknown): Failure {
  if (error instanceof ApiError && error.code === "settings_changed") {
    return { errors: {}, sentence: "Somebody else has changed the settings since you began, so yours were not saved. Note what you want to keep.", isOutdated: true };
  }
  const named = error instanceof ApiError ? Object.entries(error.fields).map(([name, text]) => [name, fieldSentence(text)] as const) : [];
  const sentence = named.length === 0 ? errorSentence(error) : "Some settings are not valid. What is wrong is written beside them.";
  return { errors: Object.fromEntries(named), sentence, isOutdated: false };
}

export function useSettingsDraft(app: App, latest: Settings) {
  const [draft, setDraft] = useState<Draft>({});
  const [typed, setTyped] = useState<TypedTexts>({});
  const [base, setBase] = useState(latest);
  const [failure, setFailure] = useState(NO_FAILURE);
  const unread = unreadable(typed);
  const changed = [...new Set([...Object.keys(draft), ...unread])];
  const isUnsaved = useRef(false);
  useEffect(() => {
    isUnsaved.current = changed.length > 0;
  });
  // A draft changes what it was begun from, and is sent as such: only an empty one follows what others save meanwhile.
  const newest = latest.version >= base.version ? latest : base;
  if (changed.length === 0 && base !== newest) {
    setBase(newest);
    setFailure(NO_FAILURE);
  }

  const startAgain = (from: Settings) => {
    isUnsaved.current = false;
    setDraft({});
    setTyped({});
    setBase(from);
    setFailure(NO_FAILURE);
  };
  const save = useAction(() => changeSettings(app.id, base.version, { ...draft, ...patchOf(draft, base.options) }), {
    showsError: true,
    refreshes: [appQuery(app.id).queryKey],
    onDone: (saved) => {
      startAgain(queryClient.setQueryData(settingsQuery(app.id).queryKey, saved) ?? saved);
      toast.done("Saved. The app takes the settings up while it runs.");
    },
  });
  const load = useAction(() => queryClient.fetchQuery({ ...settingsQuery(app.id), staleTime: 0 }), { showsError: true, onDone: startAgain });
  return {
    settings: base,
    draft,
    typed,
    failure,
    changed,
    /** Options with an input whose text is no value yet; while there are any, nothing can be saved. */
    unread,
    /** The same as `changed` being anything, for whoever asks between two renders. */
    isUnsaved,
    busy: save.isPending || load.isPending,
    saving: save.isPending,
    set: (next: Draft) => {
      setDraft(next);
      setFailure((old) => {
        const errors = Object.fromEntries(Object.entries(old.errors).filter(([name]) => next[name] === draft[name]));
        return old.isOutdated ? old : { ...old, errors, sentence: "" };
      });
    },
    type: (input: string, text: Typed) => setTyped((old) => ({ ...old, [input]: text })),
    forget: (option: string) => setTyped((old) => withoutOption(old, option)),
    discard: () => startAgain(newest),
    save: () => save.mutate(undefined, { onError: (error) => setFailure(failureOf(error)) }),
    /** Gives the draft up for what others have saved. */
    loadLatest: () => load.mutate(undefined, { onError: (error) => setFailure((old) => ({ ...old, sentence: errorSentence(error) })) }),
  };
}
