/**
 * The last net. A page that fails while drawing says so instead of turning white; and after a new version of Slipway was installed, the parts
 * of the old console can no longer be fetched, so the page is loaded anew, once.
 */

import { Component, type ReactNode } from "react";
import { errorSentence } from "../../api/error";
import { Button } from "../../ui/button";
import { Icon } from "../../ui/icon";

const RELOADED_KEY = "slipway.reloaded";
const RELOAD_PAUSE_MS = 30_000;

export function reloadForNewVersion(): void {
  window.addEventListener("vite:preloadError", (event) => {
    const last = Number(sessionStorage.getItem(RELOADED_KEY) ?? 0);
    if (Date.now() - last < RELOAD_PAUSE_MS) return;
    event.preventDefault();
    sessionStorage.setItem(RELOADED_KEY, String(Date.now()));
    window.location.reload();
  });
}

export class FaultBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state = { error: null as unknown };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return (
      <main className="lone">
        <div className="notice" role="alert">
          <span className="notice-icon notice-icon-bad">
            <Icon name="alert" size={20} />
          </span>
          <h1>This page could not be shown</h1>
          <p className="muted">{errorSentence(this.state.error)}</p>
          <div className="notice-action">
            <Button look="primary" onClick={() => window.location.reload()}>
              Reload
            </Button>
          </div>
        </div>
      </main>
    );
  }
}
