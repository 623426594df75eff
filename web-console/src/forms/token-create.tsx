/** Create an API token, shown once. */

import { createToken } from "../api/actions";
import { tokensQuery } from "../api/queries";
import type { NewToken } from "../api/types";
import { Field } from "../ui/field";
import { FormFoot } from "./form-parts";
import { useForm } from "./use-form";
import { nameProblem, tokenDaysProblem } from "./validation";

export function TokenCreateForm({ onDone }: { onDone: (token: NewToken) => void }) {
  const form = useForm({
    initial: { name: "", expires_in_days: "90" },
    validate: ({ name, expires_in_days }) => ({ name: nameProblem(name, "the token"), expires_in_days: tokenDaysProblem(expires_in_days) }),
    submit: ({ name, expires_in_days }) => createToken({ name: name.trim(), expires_in_days: Number(expires_in_days) }),
    refreshes: [tokensQuery.queryKey],
    onDone,
  });
  return (
    <form className="form" {...form.formProps}>
      <Field label="Name" autoComplete="off" hint="Where it will be used, such as “deploy script”." {...form.bind("name")} />
      <Field label="Expires in days" inputMode="numeric" autoComplete="off" hint="1 to 365." {...form.bind("expires_in_days")} />
      <FormFoot sentence={form.sentence} busy={form.busy} label="Create token" busyLabel="Creating…" />
    </form>
  );
}
