/** Replace a key. The old one stops working at once and cannot be had back, so the app's name is asked, and the password for the master key. */

import { rotateKey } from "../api/actions";
import { keysQuery } from "../api/queries";
import type { App, KeyKind, RotatedKey } from "../api/types";
import { Choice } from "../ui/choice";
import { Field, PasswordField } from "../ui/field";
import { FormFoot } from "./form-parts";
import { useForm } from "./use-form";
import { passwordProblem, typedNameProblem } from "./validation";

const options = [
  { value: "javascript", label: "JavaScript key" },
  { value: "client", label: "Client key" },
  { value: "rest", label: "REST key" },
  { value: "master", label: "Master key" },
];

export function KeyRotateForm({ app, onDone }: { app: App; onDone: (rotated: RotatedKey) => void }) {
  const form = useForm({
    initial: { kind: "javascript", name: "", password: "" },
    validate: ({ kind, name, password }) => ({
      name: typedNameProblem(name, app.name),
      password: kind === "master" ? passwordProblem(password) : undefined,
    }),
    submit: ({ kind, password }) => rotateKey(app.id, kind as KeyKind, kind === "master" ? { password } : {}),
    refreshes: [keysQuery(app.id).queryKey],
    onDone,
  });
  const label = options.find((option) => option.value === form.values.kind)?.label.replace(/^M/, "m");
  return (
    <form className="form" {...form.formProps}>
      <Choice legend="Key" options={options} value={form.values.kind} onChange={(kind) => form.set("kind", kind)} />
      <Field label={`Type ${app.name} to confirm`} autoComplete="off" autoCapitalize="none" spellCheck={false} {...form.bind("name")} />
      {form.values.kind === "master" ? <PasswordField label="Password" autoComplete="current-password" {...form.bind("password")} /> : null}
      <FormFoot sentence={form.sentence} busy={form.busy} look="danger" label={`Rotate ${label}`} busyLabel="Rotating…" />
    </form>
  );
}
