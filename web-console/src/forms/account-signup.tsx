/** Sign up: a person and their organization. */

import { signUp } from "../api/actions";
import type { Session } from "../api/types";
import { Field, PasswordField } from "../ui/field";
import { FormFoot } from "./form-parts";
import { useForm } from "./use-form";
import { emailProblem, nameProblem, newPasswordProblem } from "./validation";

export function AccountSignupForm({ onDone }: { onDone: (session: Session) => void }) {
  const form = useForm({
    initial: { email: "", password: "", organization: "" },
    validate: ({ email, password, organization }) => ({
      email: emailProblem(email),
      password: newPasswordProblem(password),
      organization: nameProblem(organization, "your organization"),
    }),
    submit: ({ email, password, organization }) => signUp({ email: email.trim(), password, organization: organization.trim() }),
    onDone,
  });
  return (
    <form className="form" {...form.formProps}>
      <Field label="E-mail" type="email" autoComplete="username" inputMode="email" {...form.bind("email")} />
      <PasswordField label="Password" autoComplete="new-password" hint="At least 10 characters. A passphrase is fine." {...form.bind("password")} />
      <Field label="Organization" autoComplete="organization" hint="It owns your apps. Your own name will do." {...form.bind("organization")} />
      <FormFoot sentence={form.sentence} busy={form.busy} label="Create account" busyLabel="Creating account…" />
    </form>
  );
}
