/** All apps of the organization, and the deleted ones that can still be restored. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { appsQuery } from "../../api/queries";
import type { App } from "../../api/types";
import { pages } from "../../path-builder";
import { LinkButton } from "../../ui/button";
import { EmptyNotice, FailedNotice } from "../../ui/notice";
import { usePageTitle } from "../../ui/page-title";
import { SkeletonRows } from "../../ui/skeleton";
import { useSession } from "../shell/session";
import { Shell } from "../shell/shell";
import { AppTable } from "./app-table";
import { DeletedApps } from "./deleted-apps";

const MOVING_MS = 1_500;
const CALM_MS = 30_000;
const FILTER_FROM = 8;

const isMoving = (app: App) => app.status === "provisioning" || app.status === "restarting";

function LivingApps({ apps }: { apps: App[] }) {
  const [filter, setFilter] = useState("");
  const wanted = filter.trim().toLowerCase();
  const shown = apps.filter((app) => app.name.toLowerCase().includes(wanted) || app.application_id.includes(wanted));
  return (
    <div className="panel">
      {apps.length < FILTER_FROM ? null : (
        <div className="panel-filter">
          <input className="input" type="search" placeholder="Filter by name" aria-label="Filter apps by name" value={filter} onChange={(event) => setFilter(event.target.value)} />
          <span className="muted small num" role="status">
            {shown.length} of {apps.length}
          </span>
        </div>
      )}
      {shown.length > 0 ? <AppTable apps={shown} /> : <p className="panel-empty muted">No app is called “{filter}”.</p>}
    </div>
  );
}

function NoApps() {
  return (
    <div className="panel">
      <EmptyNotice
        icon="apps"
        title="Create your first app"
        action={
          <LinkButton look="primary" icon="plus" to={pages.appCreate()}>
            New app
          </LinkButton>
        }
      >
        An app is one backend: its own database, users and keys, in the region you choose. It is ready a few seconds after you name it.
      </EmptyNotice>
    </div>
  );
}

export function AppListPage() {
  usePageTitle("Apps");
  const { organizations } = useSession();
  const apps = useQuery({ ...appsQuery, refetchInterval: ({ state }) => (state.data?.some(isMoving) === true ? MOVING_MS : CALM_MS) });
  const living = apps.data?.filter((app) => app.status !== "deleted") ?? [];
  const deleted = apps.data?.filter((app) => app.status === "deleted") ?? [];
  return (
    <Shell crumbs={[{ label: organizations[0]?.name ?? "Slipway" }]}>
      <div className="page-head">
        <h1>Apps</h1>
        <span className="grow" />
        {living.length === 0 ? null : (
          <LinkButton look="primary" icon="plus" to={pages.appCreate()}>
            New app
          </LinkButton>
        )}
      </div>
      {apps.isPending ? (
        <div className="panel">
          <SkeletonRows label="apps" rows={4} />
        </div>
      ) : apps.data === undefined ? (
        <div className="panel">
          <FailedNotice what="The list of apps" error={apps.error} onRetry={() => void apps.refetch()} stillWorks="The apps themselves keep running." />
        </div>
      ) : (
        <>
          {living.length === 0 ? <NoApps /> : <LivingApps apps={living} />}
          {deleted.length === 0 ? null : <DeletedApps apps={deleted} />}
        </>
      )}
    </Shell>
  );
}
