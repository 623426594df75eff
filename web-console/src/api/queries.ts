/** What the console reads. Query options live at module scope, so a page, the palette and a mutation name the same data the same way. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { endpoints } from "../path-builder";
import { rememberCsrfToken, request } from "./client";
import { isSignedOut } from "./error";
import type { App, AppEngine, AppEnvelope, AppKeys, AppList, AuditPage, RegionList, Session, SessionList, Settings, TokenList, Usage } from "./types";

const PAGE_SIZE = 100;
const AUDIT_PAGE_SIZE = 50;
/** Regions come and go by themselves; the console says so within this. */
const REGIONS_MS = 15_000;

/** The signed-in account, or null when nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      const session = await request<Session>("GET", endpoints.session(), { signal });
      rememberCsrfToken(session.csrf_token);
      return session;
    } catch (error) {
      if (isSignedOut(error)) return null;
      throw error;
    }
  },
  staleTime: 5 * 60_000,
});

export const sessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: async ({ signal }) => (await request<SessionList>("GET", endpoints.sessions(), { signal })).sessions,
});

export const tokensQuery = queryOptions({
  queryKey: ["tokens"],
  queryFn: async ({ signal }) => (await request<TokenList>("GET", endpoints.tokens(), { signal })).tokens,
});

export const regionsQuery = queryOptions({
  queryKey: ["regions"],
  queryFn: async ({ signal }) => (await request<RegionList>("GET", endpoints.regions(), { signal })).regions,
  refetchInterval: REGIONS_MS,
});

/** All apps, deleted ones that can still be restored included. Follows the cursor to the end: an organization has tens, not thousands. */
export const appsQuery = queryOptions({
  queryKey: ["apps"],
  queryFn: async ({ signal }): Promise<App[]> => {
    const apps: App[] = [];
    let cursor: string | undefined;
    do {
      const url = endpoints.apps({ limit: PAGE_SIZE, include_deleted: true, ...(cursor ? { cursor } : {}) });
      // Each page names the next one.
      // oxlint-disable-next-line no-await-in-loop
      const page = await request<AppList>("GET", url, { signal });
      apps.push(...page.apps);
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    return apps;
  },
});

export const appQuery = (appId: string) =>
  queryOptions({
    queryKey: ["apps", appId],
    queryFn: async ({ signal }) => (await request<AppEnvelope>("GET", endpoints.app(appId), { signal })).app,
  });

export const keysQuery = (appId: string) =>
  queryOptions({
    queryKey: ["apps", appId, "keys"],
    queryFn: ({ signal }) => request<AppKeys>("GET", endpoints.appKeys(appId), { signal }),
    staleTime: 60_000,
  });

export const usageQuery = (appId: string) =>
  queryOptions({
    queryKey: ["apps", appId, "usage"],
    queryFn: ({ signal }) => request<Usage>("GET", endpoints.appUsage(appId), { signal }),
  });

export const engineQuery = (appId: string) =>
  queryOptions({
    queryKey: ["apps", appId, "engine"],
    queryFn: ({ signal }) => request<AppEngine>("GET", endpoints.appEngine(appId), { signal }),
  });

export const settingsQuery = (appId: string) =>
  queryOptions({
    queryKey: ["apps", appId, "settings"],
    queryFn: ({ signal }) => request<Settings>("GET", endpoints.appSettings(appId), { signal }),
  });

export const auditQuery = (appId: string) =>
  infiniteQueryOptions({
    queryKey: ["apps", appId, "audit"],
    queryFn: ({ signal, pageParam }) =>
      request<AuditPage>("GET", endpoints.appAudit(appId, { limit: AUDIT_PAGE_SIZE, ...(pageParam ? { cursor: pageParam } : {}) }), { signal }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  });
