/** What an app runs on and what that costs, and pausing it. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { pauseApp } from "../../api/actions";
import { appQuery, appsQuery, engineQuery } from "../../api/queries";
import { queryClient } from "../../api/query-client";
import type { App } from "../../api/types";
import { useAction } from "../../api/use-action";
import { EngineChooseForm } from "../../forms/engine-choose";
import { Button } from "../../ui/button";
import { Modal } from "../../ui/modal";
import { FailedNotice } from "../../ui/notice";
import { usePageTitle } from "../../ui/page-title";
import { Panel } from "../../ui/panel";
import { SkeletonRows } from "../../ui/skeleton";
import { toast } from "../../ui/toast";
import { AppPage } from "./app-page";

function EnginePanel({ app }: { app: App }) {
  const engine = useQuery(engineQuery(app.id));
  return (
    <Panel title="Engine and replicas">
      {engine.isPending ? (
        <SkeletonRows label="the engine" rows={4} />
      ) : engine.data === undefined ? (
        <FailedNotice what="The engine" error={engine.error} onRetry={() => void engine.refetch()} stillWorks="The app itself keeps running." />
      ) : (
        <div className="panel-body">
          <EngineChooseForm app={app} current={engine.data} />
        </div>
      )}
    </Panel>
  );
}

function PausePanel({ app }: { app: App }) {
  const [open, setOpen] = useState(false);
  const pause = useAction(() => pauseApp(app.id), {
    refreshes: [appsQuery.queryKey],
    onDone: (paused) => {
      setOpen(false);
      queryClient.setQueryData(appQuery(app.id).queryKey, paused);
      toast.done(`${app.name} is being paused.`);
    },
  });
  return (
    <Panel title="Pause this app">
      <div className="panel-body side-by-side">
        <p className="muted">Its processes stop and its address answers 402 with the reason. Data, keys and settings are kept, and it can be resumed at any time.</p>
        <Button icon="pause" onClick={() => setOpen(true)}>
          Pause app…
        </Button>
      </div>
      <Modal open={open} onClose={() => setOpen(false)} title={`Pause ${app.name}`} description="Everybody who uses it is turned away until it is resumed. Engine time is not charged meanwhile; storage and the base price are.">
        <div className="form-foot">
          <Button onClick={() => setOpen(false)}>Keep it running</Button>
          <Button look="danger" busy={pause.isPending} onClick={() => pause.mutate(undefined)}>
            {pause.isPending ? "Pausing…" : `Pause ${app.name}`}
          </Button>
        </div>
      </Modal>
    </Panel>
  );
}

function EngineBody({ app }: { app: App }) {
  usePageTitle(`Engine of ${app.name}`);
  return (
    <div className="narrow stack">
      <h1>Engine and scaling</h1>
      {app.status === "deleted" ? <p className="muted">A deleted app runs on nothing. Restore it to change what it runs on.</p> : <EnginePanel app={app} />}
      {app.status === "deleted" || app.suspension !== null ? null : <PausePanel app={app} />}
    </div>
  );
}

export default function EnginePage() {
  return <AppPage crumb="Engine">{(app) => <EngineBody key={app.id} app={app} />}</AppPage>;
}
