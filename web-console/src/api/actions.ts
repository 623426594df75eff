/** What the console changes: one function per call, run through `useAction`. */

import { endpoints, type KeyKind } from "../path-builder";
import { request } from "./client";
import type { App, NewToken, Session } from "./types";

export const signUp = (body: { email: string; password: string; organization: string }) => request<Session>("POST", endpoints.signup(), { body });

export const logIn = (body: { email: string; password: string }) => request<Session>("POST", endpoints.login(), { body });

export const logOut = () => request<void>("POST", endpoints.logout());

export const revokeSession = (sessionId: string) => request<void>("DELETE", endpoints.sessionRevoke(sessionId));

export const createToken = (body: { name: string; expires_in_days: number }) => request<NewToken>("POST", endpoints.tokens(), { body });

export const revokeToken = (tokenId: string) => request<void>("DELETE", endpoints.tokenRevoke(tokenId));

type AppAnswer = { app: App };

/** The key makes a repeated press or a lost answer create one app, not two. */
export async function createApp(input: { name: string; region: string; idempotencyKey: string }): Promise<App> {
  const { idempotencyKey, ...body } = input;
  return (await request<AppAnswer>("POST", endpoints.apps(), { body, idempotencyKey })).app;
}

export const renameApp = async (appId: string, name: string): Promise<App> => (await request<AppAnswer>("PATCH", endpoints.app(appId), { body: { name } })).app;

export const deleteApp = async (appId: string): Promise<App> => (await request<AppAnswer>("DELETE", endpoints.app(appId))).app;

export const undeleteApp = async (appId: string): Promise<App> => (await request<AppAnswer>("POST", endpoints.appUndelete(appId))).app;

export const revealMasterKey = async (appId: string, password: string): Promise<string> =>
  (await request<{ master_key: string }>("POST", endpoints.masterKeyReveal(appId), { body: { password } })).master_key;

export const rotateKey = (appId: string, kind: KeyKind, password?: string) =>
  request<{ kind: KeyKind; key: string }>("POST", endpoints.keyRotate(appId, kind), { body: password === undefined ? {} : { password } });
