/** Delete an app, after its name is typed. It can be restored until its data is dropped. */

import { deleteApp } from "../api/actions";
import { appsQuery } from "../api/queries";
import type { App } from "../api/types";
import { Field } from "../ui/field";
import { FormFoot } from "./form-parts";
import { useForm } from "./use-form";
import { typedNameProblem } from "./validation";

export function AppDeleteForm({ app, onDone }: { app: App; onDone: (app: App) => void }) {
  const form = useForm({
    initial: { name: "" },
    validate: ({ name }) => ({ name: typedNameProblem(name, app.name) }),
    submit: () => deleteApp(app.id),
    refreshes: [appsQuery.queryKey],
    onDone,
  });
  return (
    <form className="form" {...form.formProps}>
      <Field label={`Type ${app.name} to confirm`} autoComplete="off" autoCapitalize="none" spellCheck={false} {...form.bind("name")} />
      <FormFoot sentence={form.sentence} busy={form.busy} look="danger" label={`Delete ${app.name}`} busyLabel="Deleting…" />
    </form>
  );
}
