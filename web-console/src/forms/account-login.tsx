/** Log in with e-mail and password. */

import { logIn } from "../api/actions";
import type { Session } from "../api/types";
import { Field, PasswordField } from "../ui/field";
import { FormFoot } from "./form-parts";
import { useForm } from "./use-form";
import { emailProblem, passwordProblem } from "./validation";

export function AccountLoginForm({ onDone }: { onDone: (session: Session) => void }) {
  const form = useForm({
    initial: { email: "", password: "" },
    validate: ({ email, password }) => ({ email: emailProblem(email), password: passwordProblem(password) }),
    submit: ({ email, password }) => logIn({ email: email.trim(), password }),
    onDone,
  });
  return (
    <form className="form" {...form.formProps}>
      <Field label="E-mail" type="email" autoComplete="username" inputMode="email" {...form.bind("email")} />
      <PasswordField label="Password" autoComplete="current-password" {...form.bind("password")} />
      <FormFoot sentence={form.sentence} busy={form.busy} label="Log in" busyLabel="Logging in…" />
    </form>
  );
}
