/** The commands that make sense on the page in view. */

import { useQuery } from "@tanstack/react-query";
import { useLocation, useNavigate } from "react-router";
import { appsQuery, keysQuery } from "../../api/queries";
import { queryClient } from "../../api/query-client";
import { errorSentence } from "../../api/error";
import type { App, AppKeys } from "../../api/types";
import { pages } from "../../path-builder";
import { copyText } from "../../ui/clipboard";
import { chooseTheme } from "../../ui/theme";
import { toast } from "../../ui/toast";
import type { Command } from "./commands";
import { useLogOut } from "./use-log-out";

const keyNames: [keyof AppKeys, string][] = [
  ["application_id", "application ID"],
  ["javascript_key", "JavaScript key"],
  ["client_key", "client key"],
  ["rest_key", "REST key"],
];

async function copyKey(app: App, name: keyof AppKeys, title: string): Promise<void> {
  try {
    const keys = await queryClient.ensureQueryData(keysQuery(app.id));
    if (await copyText(keys[name])) toast.done(`Copied the ${title} of ${app.name}.`);
    else toast.failed("The browser did not let the page copy. Copy the key on the app's start page.");
  } catch (error) {
    toast.failed(errorSentence(error));
  }
}

const themeCommands: Command[] = [
  { id: "theme-light", label: "Light theme", group: "Theme", icon: "sun", run: () => chooseTheme("light") },
  { id: "theme-dark", label: "Dark theme", group: "Theme", icon: "moon", run: () => chooseTheme("dark") },
  { id: "theme-system", label: "Theme as the system", group: "Theme", icon: "monitor", run: () => chooseTheme("system") },
];

function keyCommands(app: App): Command[] {
  return keyNames.map(([name, title]) => ({
    id: `copy-${name}`,
    label: `Copy ${title}`,
    group: app.name,
    icon: "copy",
    run: () => void copyKey(app, name, title),
  }));
}

export function useCommands(): Command[] {
  const go = useNavigate();
  const { pathname } = useLocation();
  const logOut = useLogOut();
  const { data: apps = [] } = useQuery(appsQuery);
  const to = (id: string, label: string, group: string, icon: Command["icon"], path: string): Command => ({ id, label, group, icon, run: () => void go(path) });
  const current = apps.find((app) => pathname === pages.app(app.id) || pathname.startsWith(`${pages.app(app.id)}/`));
  const living = apps.filter((app) => app.status !== "deleted");
  const ofCurrent = current === undefined || current.status === "deleted" ? [] : [
    ...keyCommands(current),
    to("app-activity", "Activity", current.name, "activity", pages.appActivity(current.id)),
    to("app-engine", "Engine and scaling", current.name, "engine", pages.appEngine(current.id)),
    to("app-settings", "Settings", current.name, "settings", pages.appSettings(current.id)),
  ];
  return [
    ...ofCurrent,
    ...living.map((app) => to(app.id, app.name, "Go to app", "start", pages.app(app.id))),
    to("app-create", "New app", "Apps", "plus", pages.appCreate()),
    to("apps", "All apps", "Apps", "apps", pages.apps()),
    to("account", "Account, sessions and tokens", "Account", "account", pages.account()),
    ...themeCommands,
    { id: "log-out", label: "Log out", group: "Account", icon: "logOut", run: logOut },
  ];
}
