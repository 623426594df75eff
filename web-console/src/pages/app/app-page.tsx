/** What the pages of one app share: the app itself, kept fresh, and what is shown when it cannot be had. */

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useParams } from "react-router";
import { isNotFound } from "../../api/error";
import { appQuery, regionsQuery } from "../../api/queries";
import type { App } from "../../api/types";
import { pages } from "../../path-builder";
import { Button, LinkButton } from "../../ui/button";
import { StatusChip } from "../../ui/chip";
import { day } from "../../ui/format";
import { Banner, EmptyNotice, FailedNotice } from "../../ui/notice";
import { regionTrouble } from "../../ui/region-words";
import { Bone, Skeleton } from "../../ui/skeleton";
import { useRestore } from "../apps/use-restore";
import { reportedMessage } from "./state-words";
import { useResume } from "./use-resume";
import { useSession } from "../shell/session";
import { Shell, type Crumb } from "../shell/shell";

const WATCHING_MS = 700;
const CALM_MS = 15_000;

/** While something is about to change by itself, the app is read more than once a second. */
export function isWatched(app: App): boolean {
  if (app.status === "deleted" || app.status === "suspended") return false;
  return app.status !== "ready" || !app.first_request_at;
}

function PageSkeleton() {
  return (
    <Skeleton label="the app">
      <div className="skeleton-page">
        <Bone width="m" tall />
        <Bone tall />
        <Bone tall />
        <Bone width="l" tall />
      </div>
    </Skeleton>
  );
}

function DeletedBanner({ app }: { app: App }) {
  const restore = useRestore();
  return (
    <Banner
      tone="warn"
      title={`${app.name} is deleted and answers nobody`}
      action={
        <Button icon="restore" busy={restore.isPending} onClick={() => restore.mutate(app)}>
          {restore.isPending ? "Restoring…" : "Restore"}
        </Button>
      }
    >
      {app.purge_after ? `Its data and keys are kept until ${day(app.purge_after)}.` : "Its data is still kept."}
    </Banner>
  );
}

/** Why the app does not serve, or why changes to it wait. */
function StateBanner({ app, isStart }: { app: App; isStart: boolean }) {
  const { data: regions = [] } = useQuery(regionsQuery);
  const region = regions.find(({ id }) => id === app.region);
  const trouble = region === undefined ? null : regionTrouble(region);
  if (region !== undefined && trouble !== null) {
    return (
      <Banner tone="warn" title={`${region.name} ${trouble.sentence}`}>
        {region.message}
      </Banner>
    );
  }
  if (app.suspension !== null) return <SuspendedBanner app={app} suspension={app.suspension} />;
  const message = reportedMessage(app, isStart);
  return message === null ? null : <Banner tone={app.status === "failing" && !app.serves ? "bad" : "warn"} title={message} />;
}

function SuspendedBanner({ app, suspension }: { app: App; suspension: NonNullable<App["suspension"]> }) {
  const resume = useResume();
  const paused = suspension.reason === "user_requested";
  const action = (
    <Button icon="play" busy={resume.isPending} onClick={() => resume.mutate(app)}>
      {resume.isPending ? "Resuming…" : "Resume"}
    </Button>
  );
  return (
    <Banner tone="warn" title={paused ? `${app.name} is paused` : `${app.name} is suspended`} action={paused ? action : undefined}>
      {paused ? "Its address answers everybody with 402 and the reason. Data, keys and settings are kept." : suspension.message}
    </Banner>
  );
}

type AppPageProps = {
  /** Start has none. */
  crumb?: string;
  children: (app: App) => ReactNode;
};

export function AppPage({ crumb, children }: AppPageProps) {
  const { appId = "" } = useParams();
  const { organizations } = useSession();
  const app = useQuery({ ...appQuery(appId), refetchInterval: ({ state }) => (state.data !== undefined && isWatched(state.data) ? WATCHING_MS : CALM_MS) });
  const organization = organizations.find(({ id }) => id === app.data?.organization_id) ?? organizations[0];
  const name = app.data?.name ?? "App";
  const crumbs: Crumb[] = [{ label: organization?.name ?? "Apps", to: pages.apps() }];
  if (crumb === undefined) crumbs.push({ label: name });
  else crumbs.push({ label: name, to: pages.app(appId) }, { label: crumb });
  if (app.data !== undefined) {
    return (
      <Shell app={app.data} crumbs={crumbs} chip={<StatusChip status={app.data.status} />}>
        {app.data.status === "deleted" ? <DeletedBanner app={app.data} /> : <StateBanner app={app.data} isStart={crumb === undefined} />}
        {children(app.data)}
      </Shell>
    );
  }
  return (
    <Shell crumbs={crumbs}>
      {app.isPending ? (
        <PageSkeleton />
      ) : isNotFound(app.error) ? (
        <EmptyNotice whole icon="search" title="There is no such app" action={<LinkButton to={pages.apps()}>Show all apps</LinkButton>}>
          It was removed, or it belongs to an organization you are not a member of.
        </EmptyNotice>
      ) : (
        <FailedNotice whole what="The app" error={app.error} onRetry={() => void app.refetch()} stillWorks="The app itself keeps running." />
      )}
    </Shell>
  );
}
