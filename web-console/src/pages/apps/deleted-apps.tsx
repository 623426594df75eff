/** Deleted apps whose data is still kept. */

import type { App } from "../../api/types";
import { Button } from "../../ui/button";
import { day } from "../../ui/format";
import { Panel } from "../../ui/panel";
import { Time } from "../../ui/time";
import { Glyph } from "../shell/app-switcher";
import { useRestore } from "./use-restore";

function DeletedLine({ app }: { app: App }) {
  const restore = useRestore();
  return (
    <li className="line">
      <Glyph name={app.name} />
      <span className="line-words">
        <span className="line-title cut">{app.name}</span>
        <span className="small muted">
          Deleted {app.deleted_at ? <Time at={app.deleted_at} /> : null}
          {app.purge_after ? `, data kept until ${day(app.purge_after)}` : null}
        </span>
      </span>
      <Button icon="restore" busy={restore.isPending} onClick={() => restore.mutate(app)} aria-label={`Restore ${app.name}`}>
        {restore.isPending ? "Restoring…" : "Restore"}
      </Button>
    </li>
  );
}

export function DeletedApps({ apps }: { apps: App[] }) {
  return (
    <Panel title="Deleted">
      <ul className="lines">
        {apps.map((app) => (
          <DeletedLine key={app.id} app={app} />
        ))}
      </ul>
    </Panel>
  );
}
