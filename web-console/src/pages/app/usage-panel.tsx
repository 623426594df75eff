/** What the app has used this month, by meter. */

import { useQuery } from "@tanstack/react-query";
import { usageQuery } from "../../api/queries";
import type { App, Usage } from "../../api/types";
import { monthName, usageText } from "../../ui/format";
import { Meter } from "../../ui/meter";
import { FailedNotice } from "../../ui/notice";
import { Panel } from "../../ui/panel";
import { SkeletonRows } from "../../ui/skeleton";
import { Time } from "../../ui/time";
import { isWatched } from "./app-page";

const WATCHING_MS = 2_000;
const CALM_MS = 10_000;

const meters: [keyof Usage["meters"], string][] = [
  ["requests", "Requests"],
  ["database_storage", "Database"],
  ["file_storage", "Files"],
  ["data_transfer", "Transfer"],
  ["jobs", "Jobs"],
  ["engine_time", "Engine time"],
];

function Meters({ usage }: { usage: Usage }) {
  return (
    <div className="panel-body meters">
      {meters.map(([name, label]) => {
        const { quantity, unit, included } = usage.meters[name];
        return <Meter key={name} label={label} used={quantity} included={included} text={usageText(quantity, included, unit)} />;
      })}
      <p className="xs muted">
        As of <Time at={usage.as_of} />
      </p>
    </div>
  );
}

export function UsagePanel({ app }: { app: App }) {
  const usage = useQuery({ ...usageQuery(app.id), refetchInterval: isWatched(app) ? WATCHING_MS : CALM_MS });
  const month = usage.data === undefined ? "Usage this month" : `Usage in ${monthName(usage.data.period.start)}`;
  return (
    <Panel title={month}>
      {usage.isPending ? (
        <SkeletonRows label="usage" />
      ) : usage.data === undefined ? (
        <FailedNotice what="Usage" error={usage.error} onRetry={() => void usage.refetch()} stillWorks="Nothing is counted twice or lost." />
      ) : (
        <Meters usage={usage.data} />
      )}
    </Panel>
  );
}
