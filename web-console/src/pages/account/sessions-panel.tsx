/** Where the account is signed in. */

import { useQuery } from "@tanstack/react-query";
import { revokeSession } from "../../api/actions";
import { sessionsQuery } from "../../api/queries";
import type { SessionEntry } from "../../api/types";
import { useAction } from "../../api/use-action";
import { Button } from "../../ui/button";
import { Chip } from "../../ui/chip";
import { FailedNotice } from "../../ui/notice";
import { Panel } from "../../ui/panel";
import { SkeletonRows } from "../../ui/skeleton";
import { Time } from "../../ui/time";
import { toast } from "../../ui/toast";
import { deviceName } from "./device";

function SessionLine({ session }: { session: SessionEntry }) {
  const device = deviceName(session.user_agent);
  const revoke = useAction((id: string) => revokeSession(id), {
    refreshes: [sessionsQuery.queryKey],
    onDone: () => toast.done(`${device} is signed out.`),
  });
  return (
    <li className="line">
      <span className="line-words">
        <span className="line-title">
          {device} {session.current ? <Chip tone="good">This one</Chip> : null}
        </span>
        <span className="small muted">
          Last seen <Time at={session.last_seen_at} />
          {session.ip ? (
            <>
              {" "}
              from <span className="code xs">{session.ip}</span>
            </>
          ) : null}
          , signed in <Time at={session.created_at} />
        </span>
      </span>
      <Button
        small
        busy={revoke.isPending}
        disabledReason={session.current ? "To end this session, log out." : undefined}
        onClick={() => revoke.mutate(session.id)}
        aria-label={`Sign out ${device}`}
      >
        Sign out
      </Button>
    </li>
  );
}

export function SessionsPanel() {
  const sessions = useQuery(sessionsQuery);
  return (
    <Panel title="Sessions">
      {sessions.isPending ? (
        <SkeletonRows label="sessions" rows={2} />
      ) : sessions.data === undefined ? (
        <FailedNotice what="The sessions" error={sessions.error} onRetry={() => void sessions.refetch()} />
      ) : (
        <ul className="lines">
          {sessions.data.map((session) => (
            <SessionLine key={session.id} session={session} />
          ))}
        </ul>
      )}
    </Panel>
  );
}
