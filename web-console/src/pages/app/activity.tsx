/** Everything that changed the app: who, what, when and from where. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { auditQuery } from "../../api/queries";
import type { App, AuditEntry } from "../../api/types";
import { Button } from "../../ui/button";
import { Chip } from "../../ui/chip";
import { EmptyNotice, FailedNotice } from "../../ui/notice";
import { usePageTitle } from "../../ui/page-title";
import { SkeletonRows } from "../../ui/skeleton";
import { Time } from "../../ui/time";
import { AppPage } from "./app-page";
import { auditChanges, auditSentence } from "./audit-words";

const actorWords: Record<string, string> = { token: "API token", system: "Slipway" };

function Changes({ entry }: { entry: AuditEntry }) {
  const changes = auditChanges(entry);
  if (changes.length === 0) return null;
  return (
    <ul className="changes small">
      {changes.map(({ name, before, after }) => (
        <li key={name}>
          <span className="muted">{name.replaceAll("_", " ")}</span>{" "}
          {before === "" ? null : (
            <>
              <del className="break">{before}</del>
              <span aria-hidden="true"> → </span>
            </>
          )}
          {after === "" ? null : <ins className="break">{after}</ins>}
        </li>
      ))}
    </ul>
  );
}

function EntryLine({ entry }: { entry: AuditEntry }) {
  const kind = actorWords[entry.actor.kind];
  return (
    <li className="entry">
      <div className="entry-words">
        <p>
          <b className="break">{entry.actor.label}</b> {kind === undefined || kind === entry.actor.label ? null : <Chip>{kind}</Chip>} {auditSentence(entry)}
        </p>
        <Changes entry={entry} />
      </div>
      <p className="small muted entry-when">
        <Time at={entry.at} />
        {entry.ip ? <span className="code xs">{entry.ip}</span> : null}
      </p>
    </li>
  );
}

function ActivityBody({ app }: { app: App }) {
  usePageTitle(`Activity of ${app.name}`);
  const audit = useInfiniteQuery(auditQuery(app.id));
  const entries = audit.data?.pages.flatMap((page) => page.entries) ?? [];
  return (
    <>
      <div className="page-head">
        <div>
          <h1>Activity</h1>
          <p className="muted">Every change to this app, newest first.</p>
        </div>
      </div>
      <div className="panel">
        {audit.isPending ? (
          <SkeletonRows label="activity" rows={5} />
        ) : audit.data === undefined ? (
          <FailedNotice what="The activity" error={audit.error} onRetry={() => void audit.refetch()} stillWorks="Changes are recorded all the same." />
        ) : entries.length === 0 ? (
          <EmptyNotice icon="activity" title="Nothing has changed yet">
            Renaming, deleting, and every look at the master key will be listed here.
          </EmptyNotice>
        ) : (
          <ol className="entries">
            {entries.map((entry) => (
              <EntryLine key={entry.id} entry={entry} />
            ))}
          </ol>
        )}
      </div>
      {audit.hasNextPage ? (
        <div className="more">
          <Button busy={audit.isFetchingNextPage} onClick={() => void audit.fetchNextPage()}>
            {audit.isFetchingNextPage ? "Loading…" : "Show older"}
          </Button>
        </div>
      ) : null}
    </>
  );
}

export default function ActivityPage() {
  return <AppPage crumb="Activity">{(app) => <ActivityBody key={app.id} app={app} />}</AppPage>;
}
