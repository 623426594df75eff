/** An app's start page: how it is, the code to paste, its keys, its usage, and what is left before going live. */

import type { App } from "../../api/types";
import { usePageTitle } from "../../ui/page-title";
import { useRegionName } from "../shell/app-switcher";
import { AppPage } from "./app-page";
import { FirstRequestPanel } from "./first-request-panel";
import { GoLivePanel } from "./go-live-panel";
import { KeysPanel } from "./keys-panel";
import { SnippetPanel } from "./snippet-panel";
import { headline, isStopping } from "./state-words";
import { UsagePanel } from "./usage-panel";

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
      {app.status === "deleted" || app.status === "suspended" || isStopping(app) ? null : <FirstRequestPanel app={app} />}
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
