/** Rename an app. Its application id and address stay. */

import { renameApp } from "../api/actions";
import { appQuery, appsQuery } from "../api/queries";
import { queryClient } from "../api/query-client";
import type { App } from "../api/types";
import { Field } from "../ui/field";
import { toast } from "../ui/toast";
import { FormFoot } from "./form-parts";
import { useForm } from "./use-form";
import { nameProblem } from "./validation";

export function AppRenameForm({ app }: { app: App }) {
  const form = useForm({
    initial: { name: app.name },
    validate: ({ name }) => ({ name: nameProblem(name, "the app") }),
    submit: ({ name }) => renameApp(app.id, { name: name.trim() }),
    refreshes: [appsQuery.queryKey],
    onDone: (renamed) => {
      queryClient.setQueryData(appQuery(app.id).queryKey, renamed);
      const oldName = app.name;
      const undo = () =>
        void renameApp(app.id, { name: oldName })
          .then(() => queryClient.invalidateQueries({ queryKey: appsQuery.queryKey }))
          .catch(() => toast.failed(`The name could not be changed back. It is still ${renamed.name}.`));
      toast.done(`Renamed to ${renamed.name}.`, { label: "Undo", run: undo });
    },
  });
  const unchanged = form.values.name.trim() === app.name ? "The name has not changed." : undefined;
  return (
    <form className="form" {...form.formProps}>
      <Field label="Name" autoComplete="off" maxLength={120} hint="The application ID, keys and address stay the same." {...form.bind("name")} />
      <FormFoot sentence={form.sentence} busy={form.busy} disabledReason={unchanged} label="Rename" busyLabel="Renaming…" />
    </form>
  );
}
