/** State of one form: its values, what is wrong with them, and its one submission. Server and local errors end at the same field. */

import { useRef, useState, type ChangeEvent, type FormEvent } from "react";
import { ApiError, errorSentence, fieldSentence } from "../api/error";
import { useAction } from "../api/use-action";
import type { QueryKey } from "@tanstack/react-query";

export type FieldErrors<Values> = Partial<Record<keyof Values & string, string>>;

type FormOptions<Values, Out> = {
  /** What holds now. When that changes, inputs follow, but for those in which something else was typed. */
  initial: Values;
  /** What is wrong, by field; empty when it may be sent. */
  validate: (values: Values) => FieldErrors<Values>;
  submit: (values: Values) => Promise<Out>;
  onDone: (result: Out) => void;
  refreshes?: QueryKey[];
};

type Failure<Values> = { fields: FieldErrors<Values>; sentence: string };

/** Errors that name one of the form's fields go there; everything else is a sentence above the button. */
export function splitError<Values extends Record<string, string>>(error: unknown, values: Values): Failure<Values> {
  const named = error instanceof ApiError ? Object.entries(error.fields).filter(([name]) => name in values) : [];
  const fields = Object.fromEntries(named.map(([name, problem]) => [name, fieldSentence(problem)])) as FieldErrors<Values>;
  return { fields, sentence: named.length === 0 ? errorSentence(error) : "" };
}

/** What was typed and is not what holds already. */
export function realEdits<Values extends Record<string, string>>(initial: Values, edits: Partial<Values>): Partial<Values> {
  return Object.fromEntries(Object.entries(edits).filter(([name, value]) => value !== initial[name])) as Partial<Values>;
}

function focusFirstInvalid(form: HTMLFormElement | null): void {
  requestAnimationFrame(() => form?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
}

export function useForm<Values extends Record<string, string>, Out>({ initial, validate, submit, onDone, refreshes = [] }: FormOptions<Values, Out>) {
  const [typed, setTyped] = useState<Partial<Values>>({});
  const [errors, setErrors] = useState<FieldErrors<Values>>({});
  const [sentence, setSentence] = useState("");
  const form = useRef<HTMLFormElement>(null);
  const action = useAction(submit, { refreshes, onDone, showsError: true });

  const edits = realEdits(initial, typed);
  // Forgotten at once: what holds may become something else again.
  if (Object.keys(edits).length < Object.keys(typed).length) setTyped(edits);
  const values: Values = { ...initial, ...edits };

  const set = (name: keyof Values & string, value: string) => {
    setTyped((old) => ({ ...old, [name]: value }));
    setErrors((old) => ({ ...old, [name]: undefined }));
    setSentence("");
  };

  const show = (failure: Failure<Values>) => {
    setErrors(failure.fields);
    setSentence(failure.sentence);
    focusFirstInvalid(form.current);
  };

  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (action.isPending) return;
    const fields = validate(values);
    if (Object.values(fields).some((text) => text !== undefined)) show({ fields, sentence: "" });
    else action.mutate(values, { onError: (error) => show(splitError(error, values)) });
  };

  const bind = (name: keyof Values & string) => ({
    name,
    value: values[name],
    error: errors[name],
    onChange: (event: ChangeEvent<HTMLInputElement>) => set(name, event.target.value),
  });

  return {
    values,
    edited: Object.keys(edits).length > 0,
    errors,
    sentence,
    set,
    bind,
    /** Forgets what was typed. */
    reset: () => setTyped({}),
    busy: action.isPending,
    formProps: { ref: form, onSubmit, noValidate: true },
  };
}
