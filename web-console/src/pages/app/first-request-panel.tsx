/** Follows the app from its start to its first request: turns green by itself when that arrives. */

import { useQuery } from "@tanstack/react-query";
import { keysQuery } from "../../api/queries";
import type { App } from "../../api/types";
import { useAction } from "../../api/use-action";
import { sendFirstRequest } from "../../api/send-first-request";
import { Button } from "../../ui/button";
import { CopyButton } from "../../ui/copy-button";
import { Icon } from "../../ui/icon";
import { Time } from "../../ui/time";
import { useNow } from "../../ui/use-now";
import { isSlowStart, startProgress } from "./start-progress";
import { isTakingUpAChange } from "./state-words";

const TICK_MS = 500;

function Starting({ app }: { app: App }) {
  const seconds = Math.max(0, (useNow(TICK_MS) - new Date(app.created_at).getTime()) / 1_000);
  const percent = startProgress(seconds);
  const slow = isSlowStart(seconds);
  return (
    <div className="signal signal-accent">
      <span className="dot dot-moving" aria-hidden="true" />
      <div className="signal-words">
        <h2>{app.status_message ? app.status_message : "Making the database and starting the server"}</h2>
        <div className="progress" role="progressbar" aria-label="Starting the app" aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent}>
          <span style={{ width: `${percent}%` }} />
        </div>
        <p className="small muted">{slow ? "This takes longer than usual. It goes on by itself, also when you leave this page." : "Usually ready within seconds. You can leave this page."}</p>
      </div>
    </div>
  );
}

function Waiting({ app, url }: { app: App; url: string }) {
  const keys = useQuery(keysQuery(app.id));
  const send = useAction(sendFirstRequest);
  const reason = keys.data === undefined ? "The keys are still loading." : undefined;
  const onSend = () => {
    if (keys.data !== undefined) send.mutate({ url, applicationId: keys.data.application_id, javascriptKey: keys.data.javascript_key });
  };
  return (
    <div className="signal signal-accent">
      <span className="dot dot-wait" aria-hidden="true" />
      <div className="signal-words">
        <h2>Waiting for the first request</h2>
        <p className="small muted">
          Listening on <span className="code break">{url}</span>
        </p>
      </div>
      <Button onClick={onSend} busy={send.isPending} disabledReason={reason}>
        {send.isPending ? "Sending…" : "Send one for me"}
      </Button>
    </div>
  );
}

function Arrived({ app, url, at }: { app: App; url: string; at: string }) {
  return (
    <div className="signal signal-good">
      <span className="signal-mark">
        <Icon name="check" size={14} />
      </span>
      <div className="signal-words">
        <h2>First request received</h2>
        <p className="small muted">
          <Time at={at} /> on <span className="code break">{url}</span>
        </p>
      </div>
      <CopyButton text={url} what={`address of ${app.name}`} label="Copy address" />
    </div>
  );
}

function Trouble({ app }: { app: App }) {
  const failing = app.status === "failing";
  return (
    <div className={failing && !app.serves ? "signal signal-bad" : "signal signal-warn"}>
      <Icon name="alert" size={18} />
      <div className="signal-words">
        <h2>{failing ? (app.serves ? "The server goes on as it was" : "The server does not start") : "The server is starting again"}</h2>
        <p className="small muted break">{app.status_message ? app.status_message : "Slipway tries again by itself; this page follows."}</p>
      </div>
    </div>
  );
}

function Changing({ app }: { app: App }) {
  return (
    <div className="signal signal-accent">
      <span className="dot dot-moving" aria-hidden="true" />
      <div className="signal-words">
        <h2>The server takes up a change</h2>
        <p className="small muted break">{app.status_message ? app.status_message : "Usually done within seconds. You can leave this page."}</p>
      </div>
    </div>
  );
}

function currentSignal(app: App) {
  const url = app.url ?? "";
  if (isTakingUpAChange(app)) return <Changing app={app} />;
  if (app.status === "restarting" || app.status === "failing") return <Trouble app={app} />;
  if (app.status === "provisioning" || url === "") return <Starting app={app} />;
  return app.first_request_at ? <Arrived app={app} url={url} at={app.first_request_at} /> : <Waiting app={app} url={url} />;
}

export function FirstRequestPanel({ app }: { app: App }) {
  return (
    <div role="status" data-signal={app.status === "ready" ? (app.first_request_at ? "received" : "waiting") : app.status}>
      {currentSignal(app)}
    </div>
  );
}
