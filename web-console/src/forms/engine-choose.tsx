/** Choose what an app runs on: the engine of a replica, how many there are, and high availability. */

import { useId } from "react";
import { chooseEngine } from "../api/actions";
import { appQuery, engineQuery } from "../api/queries";
import { queryClient } from "../api/query-client";
import type { App, AppEngine, EngineChoice } from "../api/types";
import { Choice } from "../ui/choice";
import { Field } from "../ui/field";
import { toast } from "../ui/toast";
import { offerPrice, replicasProblem, runningCost, sizeText } from "./engine-price";
import { FormFoot } from "./form-parts";
import { useForm } from "./use-form";

const names: Record<string, string> = { dev: "Dev", s: "S", m: "M", l: "L", xl: "XL" };

/** By the names of the request's fields, so that an answer's problems find their place. */
const valuesOf = ({ engine, replicas, high_availability }: AppEngine) => ({
  engine: engine as string,
  replicas: "",
  "replicas.min": String(replicas.min),
  "replicas.max": String(replicas.max ?? ""),
  high_availability: high_availability ? "yes" : "",
});

type Values = ReturnType<typeof valuesOf>;

function choiceOf(values: Values): EngineChoice {
  const max = values["replicas.max"].trim();
  return {
    engine: values.engine,
    replicas: { min: Number(values["replicas.min"]), max: max === "" ? null : Number(max) },
    high_availability: values.high_availability === "yes",
  };
}

function Cost({ values, current }: { values: Values; current: AppEngine }) {
  const offer = current.offers.find(({ engine }) => engine === values.engine);
  const { replicas, high_availability } = choiceOf(values);
  const min = high_availability ? Math.max(replicas.min, current.high_availability_replicas) : replicas.min;
  const max = Math.max(replicas.max ?? min, min);
  if (offer === undefined || !(min >= 1)) return null;
  return (
    <p className="field-hint num" role="status">
      {runningCost(offer, min, max, current.price.currency)}
    </p>
  );
}

export function EngineChooseForm({ app, current }: { app: App; current: AppEngine }) {
  const highId = useId();
  const most = current.most_replicas;
  const form = useForm({
    initial: valuesOf(current),
    validate: (values) => ({
      "replicas.min": replicasProblem(values["replicas.min"], most, false),
      "replicas.max": replicasProblem(values["replicas.max"], most, true),
    }),
    submit: (values) => chooseEngine(app.id, choiceOf(values)),
    refreshes: [appQuery(app.id).queryKey],
    onDone: (chosen) => {
      queryClient.setQueryData(engineQuery(app.id).queryKey, chosen);
      form.reset();
      toast.done(`${app.name} moves to engine ${names[chosen.engine]}. It answers all the while.`);
    },
  });
  const options = current.offers.map((offer) => ({
    value: offer.engine,
    label: names[offer.engine] ?? offer.engine,
    note: `${sizeText(offer)}, ${offerPrice(offer, current.price.currency)}`,
  }));
  const single = most === 1 ? "This region runs on one machine: one replica is all there is." : undefined;
  return (
    <form className="form" {...form.formProps}>
      <Choice legend="Engine of one replica" options={options} value={form.values.engine} error={form.errors.engine} onChange={(engine) => form.set("engine", engine)} />
      <div className="field-pair">
        <Field label="Replicas that always run" type="number" inputMode="numeric" min={1} max={most} disabled={most === 1} hint={single} {...form.bind("replicas.min")} />
        <Field
          label="Replicas at the highest load"
          type="number"
          inputMode="numeric"
          min={1}
          max={most}
          disabled={most === 1}
          hint="Empty: the load does not change how many run."
          {...form.bind("replicas.max")}
        />
      </div>
      {form.errors.replicas === undefined ? null : <p className="field-error">{form.errors.replicas}</p>}
      <div className="check">
        <input
          id={highId}
          type="checkbox"
          aria-describedby={`${highId}-note`}
          checked={form.values.high_availability === "yes"}
          disabled={most === 1}
          onChange={(event) => form.set("high_availability", event.target.checked ? "yes" : "")}
        />
        <div>
          <label htmlFor={highId} className="choice-label">
            High availability
          </label>
          <span className="choice-note" id={`${highId}-note`}>
            At least {current.high_availability_replicas} replicas, in different zones. Losing a machine loses no request.
          </span>
        </div>
      </div>
      {form.errors.high_availability === undefined ? null : <p className="field-error">{form.errors.high_availability}</p>}
      <Cost values={form.values} current={current} />
      <FormFoot
        sentence={form.sentence}
        busy={form.busy}
        disabledReason={form.edited ? undefined : "Nothing has changed."}
        label="Change engine"
        busyLabel="Changing engine…"
      />
    </form>
  );
}
