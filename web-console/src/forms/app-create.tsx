/** Create an app: a name and the region where it and all its data live. */

import { useState } from "react";
import { createApp } from "../api/actions";
import { appsQuery } from "../api/queries";
import type { App, Region } from "../api/types";
import { randomId } from "../random-id";
import { Choice } from "../ui/choice";
import { Field } from "../ui/field";
import { regionTrouble } from "../ui/region-words";
import { FormFoot } from "./form-parts";
import { nearestRegion, ownTimeZone } from "./nearest-region";
import { useForm } from "./use-form";
import { nameProblem } from "./validation";

export function AppCreateForm({ regions, onDone }: { regions: Region[]; onDone: (app: App) => void }) {
  const [nearest] = useState(() =>
    nearestRegion(
      ownTimeZone(),
      regions.filter((region) => region.available).map((region) => region.id),
    ),
  );
  // One key per visit and content: pressing twice, or again after a lost answer, makes one app.
  const [visit] = useState(randomId);
  const form = useForm({
    initial: { name: "", region: nearest },
    validate: ({ name, region }) => ({ name: nameProblem(name, "the app"), region: region === "" ? "Choose a region." : undefined }),
    submit: ({ name, region }) => createApp({ name: name.trim(), region }, `${visit}-${region}-${encodeURIComponent(name.trim()).slice(0, 180)}`),
    refreshes: [appsQuery.queryKey],
    onDone,
  });
  const options = regions.map((region) => {
    const trouble = regionTrouble(region);
    const note = trouble === null ? (region.id === nearest ? "Nearest to you" : undefined) : trouble.short;
    return { value: region.id, label: region.name, note, disabled: trouble !== null };
  });
  return (
    <form className="form" {...form.formProps}>
      <Field label="Name" autoComplete="off" maxLength={120} hint="You can change it later." {...form.bind("name")} />
      <Choice legend="Region" options={options} value={form.values.region} error={form.errors.region} onChange={(region) => form.set("region", region)} />
      <p className="field-hint">The app and all its data stay in this region. It cannot be changed later.</p>
      <FormFoot sentence={form.sentence} busy={form.busy} label="Create app" busyLabel="Creating app…" />
    </form>
  );
}
