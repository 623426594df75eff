/** Code to paste, in the founder's language, with this app's own keys in it. */

import { Tabs } from "@base-ui/react/tabs";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { keysQuery } from "../../api/queries";
import type { App, AppKeys } from "../../api/types";
import { snippets, type Snippet } from "../../snippets";
import { CodeBlock } from "../../ui/code-block";
import { CopyButton } from "../../ui/copy-button";
import { FailedNotice } from "../../ui/notice";
import { SkeletonRows } from "../../ui/skeleton";

/** Words between backquotes become code. */
function withCode(text: string): ReactNode[] {
  return text.split("`").map((part, index) => (index % 2 === 0 ? part : <code key={index}>{part}</code>));
}

const LANGUAGE_KEY = "slipway.snippet";

function storedLanguage(list: Snippet[]): string {
  const stored = localStorage.getItem(LANGUAGE_KEY);
  return list.some(({ id }) => id === stored) ? String(stored) : String(list[0]?.id);
}

function SnippetTabs({ list }: { list: Snippet[] }) {
  const [language, setLanguage] = useState(() => storedLanguage(list));
  const chosen = list.find(({ id }) => id === language);
  const choose = (id: string) => {
    setLanguage(id);
    localStorage.setItem(LANGUAGE_KEY, id);
  };
  return (
    <Tabs.Root value={language} onValueChange={(id) => choose(String(id))}>
      <div className="tabs">
        <Tabs.List className="tabs-list" aria-label="Language">
          {list.map(({ id, title }) => (
            <Tabs.Tab key={id} value={id} className="tab">
              {title}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {chosen === undefined ? null : <CopyButton text={chosen.code} what={`${chosen.title} code`} />}
      </div>
      {list.map(({ id, title, how, code, language: colours }) => (
        <Tabs.Panel key={id} value={id} data-snippet={id}>
          <p className="small muted snippet-how">{withCode(how)}</p>
          <CodeBlock code={code} language={colours} label={`${title} code`} />
        </Tabs.Panel>
      ))}
    </Tabs.Root>
  );
}

function fill(url: string, keys: AppKeys): Snippet[] {
  return snippets({
    url,
    applicationId: keys.application_id,
    clientKey: keys.client_key,
    javascriptKey: keys.javascript_key,
    restKey: keys.rest_key,
  });
}

export function SnippetPanel({ app }: { app: App }) {
  const keys = useQuery(keysQuery(app.id));
  return (
    <section className="panel" aria-label="Code to paste">
      {keys.isPending ? (
        <SkeletonRows label="code" rows={5} />
      ) : keys.data === undefined ? (
        <FailedNotice what="The code" error={keys.error} onRetry={() => void keys.refetch()} />
      ) : app.url ? (
        <SnippetTabs list={fill(app.url, keys.data)} />
      ) : (
        <div className="panel-empty">
          <h2>Code to paste</h2>
          <p className="muted">It appears here with the app’s address as soon as the app has one.</p>
        </div>
      )}
    </section>
  );
}
