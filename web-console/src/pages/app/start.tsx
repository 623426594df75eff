/** An app's start page: how it is, the code to paste, its keys, its usage, and what is left before going live. */

import type { App } from "../../api/types";
import { usePageTitle } from "../../ui/page-title";
import { useRegionName } from "../shell/app-switcher";
import { AppPage } from "./app-page";
import { FirstRequestPanel } from "./first-request-panel";
import { GoLivePanel } from "./go-live-panel";
import { KeysPanel } from "./keys-panel";
import { SnippetPanel } from "./snippet-panel";
import { UsagePanel } from "./usage-panel";

function headline(app: App, region: string): { title: string; text: string } {
  switch (app.status) {
    case "provisioning":
      return { title: `Your backend is starting in ${region}`, text: "Its keys are below already. The code follows with the address, as soon as it is ready." };
    case "restarting":
      return { title: "Your backend is restarting", text: "Requests are answered again in a few seconds. Nothing that was saved is lost." };
    case "failing":
      return { title: "Your backend does not answer", text: "Slipway keeps trying to start it. Data, keys and settings are safe." };
    case "suspended":
      return { title: "Your backend does not serve at the moment", text: "Data, keys and settings are kept, and it is back within seconds of being resumed." };
    case "deleted":
      return { title: app.name, text: "Restore the app to use it again." };
    case "ready":
      return app.first_request_at
        ? { title: `Your backend is live in ${region}`, text: "It answers requests. Code, keys and usage are below." }
        : { title: `Your backend is live in ${region}`, text: "Paste the code into your app. The first request shows up here within a second." };
  }
}

function StartBody({ app }: { app: App }) {
  usePageTitle(app.name);
  const region = useRegionName(app.region);
  const { title, text } = headline(app, region);
  return (
    <>
      <div className="page-head">
        <div>
          <h1>{title}</h1>
          <p className="muted">{text}</p>
        </div>
      </div>
      {app.status === "deleted" || app.status === "suspended" ? null : <FirstRequestPanel app={app} />}
      <div className="columns">
        <div className="stack">
          <SnippetPanel app={app} />
          <KeysPanel app={app} />
        </div>
        <div className="stack">
          <GoLivePanel app={app} region={region} />
          <UsagePanel app={app} />
        </div>
      </div>
    </>
  );
}

export function StartPage() {
  return <AppPage>{(app) => <StartBody key={app.id} app={app} />}</AppPage>;
}
