/** Show the master key, after the password is entered again. */

import { revealMasterKey } from "../api/actions";
import type { App } from "../api/types";
import { PasswordField } from "../ui/field";
import { FormFoot } from "./form-parts";
import { useForm } from "./use-form";
import { passwordProblem } from "./validation";

export function MasterKeyRevealForm({ app, onDone }: { app: App; onDone: (key: string) => void }) {
  const form = useForm({
    initial: { password: "" },
    validate: ({ password }) => ({ password: passwordProblem(password) }),
    submit: ({ password }) => revealMasterKey(app.id, { password }),
    onDone,
  });
  return (
    <form className="form" {...form.formProps}>
      <PasswordField label="Password" autoComplete="current-password" {...form.bind("password")} />
      <FormFoot sentence={form.sentence} busy={form.busy} label="Reveal master key" busyLabel="Checking…" />
    </form>
  );
}
