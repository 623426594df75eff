/** An app's settings: its name, its facts, and deleting it. */

import { useState } from "react";
import { useNavigate } from "react-router";
import type { App } from "../../api/types";
import { AppDeleteForm } from "../../forms/app-delete";
import { AppRenameForm } from "../../forms/app-rename";
import { pages } from "../../path-builder";
import { Button } from "../../ui/button";
import { CopyButton } from "../../ui/copy-button";
import { day } from "../../ui/format";
import { Modal } from "../../ui/modal";
import { usePageTitle } from "../../ui/page-title";
import { Panel } from "../../ui/panel";
import { toast } from "../../ui/toast";
import { useRestore } from "../apps/use-restore";
import { useRegionName } from "../shell/app-switcher";
import { AppPage } from "./app-page";

function Facts({ app }: { app: App }) {
  const region = useRegionName(app.region);
  const rows: [string, string, boolean][] = [
    ["App ID", app.id, true],
    ["Application ID", app.application_id, true],
    ["Address", app.url ?? "Appears when the app has started", Boolean(app.url)],
    ["Region", region, false],
    ["Created", day(app.created_at), false],
  ];
  return (
    <Panel title="About">
      <dl className="keys">
        {rows.map(([name, value, isCode]) => (
          <div key={name} className="key-row">
            <dt className="small muted">{name}</dt>
            <dd className={isCode ? "key-value code break" : "key-value"}>{value}</dd>
            <dd className="key-actions">{isCode ? <CopyButton text={value} what={name} /> : null}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

function DeletePanel({ app }: { app: App }) {
  const [open, setOpen] = useState(false);
  const navigate = useNavigate();
  const restore = useRestore();
  const onDeleted = (deleted: App) => {
    setOpen(false);
    void navigate(pages.apps());
    const until = deleted.purge_after ? ` Its data is kept until ${day(deleted.purge_after)}.` : "";
    toast.done(`${deleted.name} is deleted.${until}`, { label: "Undo", run: () => restore.mutate(deleted) });
  };
  return (
    <Panel title="Delete this app" tone="danger">
      <div className="panel-body side-by-side">
        <p className="muted">The app stops answering at once. For 14 days it can be restored with its data and keys; after that its data is gone.</p>
        <Button look="danger" onClick={() => setOpen(true)}>
          Delete app…
        </Button>
      </div>
      <Modal open={open} onClose={() => setOpen(false)} title={`Delete ${app.name}`} description="It stops answering at once. You can restore it for 14 days from the list of apps.">
        <AppDeleteForm app={app} onDone={onDeleted} />
      </Modal>
    </Panel>
  );
}

function SettingsBody({ app }: { app: App }) {
  usePageTitle(`Settings of ${app.name}`);
  return (
    <div className="narrow stack">
      <h1>Settings</h1>
      {app.status === "deleted" ? null : (
        <Panel title="App name">
          <div className="panel-body">
            <AppRenameForm key={app.name} app={app} />
          </div>
        </Panel>
      )}
      <Facts app={app} />
      {app.status === "deleted" ? null : <DeletePanel app={app} />}
    </div>
  );
}

export default function SettingsPage() {
  return <AppPage crumb="Settings">{(app) => <SettingsBody key={app.id} app={app} />}</AppPage>;
}
