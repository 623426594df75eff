/**
 * Every URL the console knows, in one place: its own pages and the endpoints of the control plane.
 * path-builder.test.ts lists them all, so a changed address shows up in review.
 */

import type { KeyKind } from "./api/types";

/** A route pattern such as `:appId` stays as it is; everything else is escaped. */
function segment(value: string): string {
  return value.startsWith(":") ? value : encodeURIComponent(value);
}

type QueryValue = string | number | boolean | undefined;

function withQuery(path: string, query: Record<string, QueryValue>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) params.set(name, String(value));
  }
  const text = params.toString();
  return text === "" ? path : `${path}?${text}`;
}

/** Pages of the console. */
export const pages = {
  home: () => "/",
  signup: (next?: string) => withQuery("/signup", { next }),
  login: (next?: string) => withQuery("/login", { next }),
  account: () => "/account",
  apps: () => "/apps",
  appCreate: () => "/apps/new",
  app: (appId: string) => `/apps/${segment(appId)}`,
  appActivity: (appId: string) => `/apps/${segment(appId)}/activity`,
  appEngine: (appId: string) => `/apps/${segment(appId)}/engine`,
  appSettings: (appId: string, part?: string) => withQuery(`/apps/${segment(appId)}/settings`, { part }),
};

const v1 = "/api/v1";
const app = (appId: string) => `${v1}/apps/${segment(appId)}`;

export type PageQuery = { limit?: number; cursor?: string };

/** Endpoints of the control plane. */
export const endpoints = {
  signup: () => `${v1}/signup`,
  login: () => `${v1}/login`,
  logout: () => `${v1}/logout`,
  session: () => `${v1}/session`,
  sessions: () => `${v1}/sessions`,
  sessionRevoke: (sessionId: string) => `${v1}/sessions/${segment(sessionId)}`,
  tokens: () => `${v1}/tokens`,
  tokenRevoke: (tokenId: string) => `${v1}/tokens/${segment(tokenId)}`,
  regions: () => `${v1}/regions`,
  apps: (query: PageQuery & { include_deleted?: boolean } = {}) => withQuery(`${v1}/apps`, query),
  app,
  appEngine: (appId: string) => `${app(appId)}/engine`,
  appPause: (appId: string) => `${app(appId)}/pause`,
  appResume: (appId: string) => `${app(appId)}/resume`,
  appUndelete: (appId: string) => `${app(appId)}/undelete`,
  appKeys: (appId: string) => `${app(appId)}/keys`,
  masterKeyReveal: (appId: string) => `${app(appId)}/keys/master/reveal`,
  keyRotate: (appId: string, kind: KeyKind) => `${app(appId)}/keys/${kind}/rotate`,
  appSettings: (appId: string) => `${app(appId)}/settings`,
  appUsage: (appId: string) => `${app(appId)}/usage`,
  appAudit: (appId: string, query: PageQuery = {}) => withQuery(`${app(appId)}/audit`, query),
};

/** Where to go after signing in: a page of this console, never another site. */
export function safeNext(next: string | null): string {
  const isOwnPage = next !== null && /^\/(?![/\\])/.test(next);
  return isOwnPage ? next : pages.apps();
}
