/** An app's settings: its name, facts and deletion, then every option of its backend by section. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { settingsQuery } from "../../api/queries";
import type { App, Settings } from "../../api/types";
import { AppDeleteForm } from "../../forms/app-delete";
import { AppRenameForm } from "../../forms/app-rename";
import { JSON_PART } from "../../forms/settings/json-editor";
import { LeaveGuard } from "../../forms/settings/leave-guard";
import { SettingsForm } from "../../forms/settings/settings-form";
import { useSettingsDraft, type SettingsDraft } from "../../forms/settings/use-settings-draft";
import { pages } from "../../path-builder";
import { Button } from "../../ui/button";
import { CopyButton } from "../../ui/copy-button";
import { day } from "../../ui/format";
import { Modal } from "../../ui/modal";
import { FailedNotice } from "../../ui/notice";
import { usePageTitle } from "../../ui/page-title";
import { Panel } from "../../ui/panel";
import { SkeletonRows } from "../../ui/skeleton";
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

function DeletePanel({ app, onGone }: GeneralProps) {
  const [open, setOpen] = useState(false);
  const navigate = useNavigate();
  const restore = useRestore();
  const onDeleted = (deleted: App) => {
    setOpen(false);
    onGone?.();
    void navigate(pages.apps());
    const until = deleted.purge_after ? ` Its data is kept until ${day(deleted.purge_after)}.` : "";
    toast.done(`${deleted.name} is deleted.${until}`, { label: "Undo", run: () => restore.mutate(deleted) });
  };
  return (
    <Panel title="Delete this app" tone="danger">
      <div className="panel-body side-by-side">
        <p className="muted">The app stops answering at once. It can be restored with its data and keys for some days, and the list of apps says until when; after that its data is gone.</p>
        <Button look="danger" onClick={() => setOpen(true)}>
          Delete app…
        </Button>
      </div>
      <Modal open={open} onClose={() => setOpen(false)} title={`Delete ${app.name}`} description="It stops answering at once. You can restore it from the list of apps, which says until when.">
        <AppDeleteForm app={app} onDone={onDeleted} />
      </Modal>
    </Panel>
  );
}

type GeneralProps = {
  app: App;
  /** The app was deleted from here. */
  onGone?: (() => void) | undefined;
};

function General({ app, onGone }: GeneralProps) {
  return (
    <>
      {app.status === "deleted" ? null : (
        <Panel title="App name">
          <div className="panel-body">
            <AppRenameForm key={app.name} app={app} />
          </div>
        </Panel>
      )}
      <Facts app={app} />
      {app.status === "deleted" ? null : <DeletePanel app={app} onGone={onGone} />}
    </>
  );
}

const GENERAL_PART = "general";

type Part = { id: string; title: string; note: string };

/** The parts of the page, with a word on those that hold something unsaved or wrong. */
function partsOf(form: SettingsDraft): Part[] {
  const { settings, changed, unread } = form;
  const { errors } = form.failure;
  const isBad = (name: string) => name in errors || unread.includes(name);
  const note = (section: string) => {
    const names = settings.options.filter((option) => option.section === section).map(({ name }) => name);
    if (names.some(isBad)) return "not valid";
    return names.some((name) => changed.includes(name)) ? "not saved" : "";
  };
  return [
    { id: GENERAL_PART, title: "General", note: "" },
    ...settings.sections.map(({ id, title }) => ({ id, title, note: note(id) })),
    { id: JSON_PART, title: "As JSON", note: isBad(JSON_PART) ? "not valid" : "" },
  ];
}

function PartList({ app, parts, current }: { app: App; parts: Part[]; current: string }) {
  return (
    <nav className="parts" aria-label="Parts of the settings">
      {parts.map(({ id, title, note }) => (
        <Link key={id} className="part" to={pages.appSettings(app.id, id === GENERAL_PART ? undefined : id)} aria-current={id === current ? "page" : undefined}>
          {title}
          {note === "" ? null : <span className={note === "not valid" ? "xs part-bad" : "xs part-note"}>{note}</span>}
        </Link>
      ))}
    </nav>
  );
}

function Parts({ app, settings }: { app: App; settings: Settings }) {
  const form = useSettingsDraft(app, settings);
  const [params] = useSearchParams();
  const parts = partsOf(form);
  const current = parts.find(({ id }) => id === params.get("part"))?.id ?? GENERAL_PART;
  return (
    <div className="with-parts">
      <PartList app={app} parts={parts} current={current} />
      <div className="stack">{current === GENERAL_PART ? <General app={app} onGone={form.discard} /> : <SettingsForm part={current} form={form} />}</div>
      <LeaveGuard form={form} />
    </div>
  );
}

function SettingsBody({ app }: { app: App }) {
  usePageTitle(`Settings of ${app.name}`);
  const settings = useQuery({ ...settingsQuery(app.id), enabled: app.status !== "deleted" });
  const failed = settings.data === undefined && !settings.isPending;
  return (
    <div className="settings stack">
      <h1>Settings</h1>
      {settings.data === undefined ? <General app={app} /> : <Parts app={app} settings={settings.data} />}
      {settings.isPending && app.status !== "deleted" ? <SkeletonRows label="the settings" rows={6} /> : null}
      {failed ? <FailedNotice what="The settings" error={settings.error} onRetry={() => void settings.refetch()} stillWorks="The app keeps the settings it has." /> : null}
    </div>
  );
}

export default function SettingsPage() {
  return <AppPage crumb="Settings">{(app) => <SettingsBody key={app.id} app={app} />}</AppPage>;
}
