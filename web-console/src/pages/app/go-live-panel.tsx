/** The steps before going live that can be taken today. */

import type { ReactNode } from "react";
import type { App } from "../../api/types";
import { Chip } from "../../ui/chip";
import { Icon } from "../../ui/icon";
import { Panel } from "../../ui/panel";
import { Time } from "../../ui/time";

type Step = { title: string; note: ReactNode; done: boolean };

function healthNote(app: App): string {
  if (app.status === "ready") return "Its health is watched from now on";
  if (app.status === "suspended") return "Resume the app to have it answer";
  return app.status === "provisioning" ? "Within seconds of creating it" : "Slipway is working on it";
}

function steps(app: App, region: string): Step[] {
  const answering = app.status === "ready";
  return [
    { title: `App created in ${region}`, note: <Time at={app.created_at} />, done: true },
    { title: "Backend answers", note: healthNote(app), done: answering },
    {
      title: "First request",
      note: app.first_request_at ? <Time at={app.first_request_at} /> : "Paste the code, or let this page send one",
      done: Boolean(app.first_request_at),
    },
  ];
}

export function GoLivePanel({ app, region }: { app: App; region: string }) {
  const list = steps(app, region);
  const done = list.filter((step) => step.done).length;
  return (
    <Panel title="To go live" aside={<Chip tone={done === list.length ? "good" : "neutral"}>{`${done} of ${list.length}`}</Chip>}>
      <ol className="steps">
        {list.map(({ title, note, done: isDone }) => (
          <li key={title} className="step">
            <span className={isDone ? "tick tick-done" : "tick"}>{isDone ? <Icon name="check" size={12} /> : null}</span>
            <div>
              {title}
              <span className="sr-only">{isDone ? ", done" : ", open"}</span>
              <div className="xs muted">{note}</div>
            </div>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
