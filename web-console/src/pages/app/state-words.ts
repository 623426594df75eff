/** What the console says about an app's state: the start page's headline, and the line above the other pages. */

import type { App } from "../../api/types";

type Headline = { title: string; text: string };

/** It serves as before while something new is made ready. */
export function isTakingUpAChange(app: App): boolean {
  return app.status === "restarting" && app.serves && app.suspension === null;
}

/** It was paused or suspended and is stopping. */
export function isStopping(app: App): boolean {
  return app.status === "restarting" && app.suspension !== null;
}

function restarting(app: App): Headline {
  if (isStopping(app)) return { title: "Your backend is being stopped", text: "Data, keys and settings are kept." };
  if (isTakingUpAChange(app)) return { title: "A change is on its way to your backend", text: "Requests are answered meanwhile. Nothing that was saved is lost." };
  return { title: "Your backend is restarting", text: "Requests are answered again in a few seconds. Nothing that was saved is lost." };
}

export function headline(app: App, region: string): Headline {
  switch (app.status) {
    case "provisioning":
      return { title: `Your backend is starting in ${region}`, text: "Its keys are below already. The code follows with the address, as soon as it is ready." };
    case "restarting":
      return restarting(app);
    case "failing":
      if (app.serves) return { title: "Something keeps a change from your backend", text: "Requests are answered as before. Data, keys and settings are safe." };
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

/** What the platform reports of an app, where the page does not say it by itself: the start page does, unless the app serves. */
export function reportedMessage(app: App, isStart: boolean): string | null {
  if (app.status === "ready") return app.status_message;
  return !isStart && (app.status === "failing" || app.status === "restarting") ? app.status_message : null;
}
