/** What the console changes: one function per call, run through `useAction`. */

import { endpoints } from "../path-builder";
import { request } from "./client";
import type {
  App,
  AppEngine,
  AppEnvelope,
  AppPatch,
  AppRequest,
  EngineChoice,
  KeyKind,
  LogInRequest,
  MasterKey,
  NewToken,
  RevealRequest,
  RotatedKey,
  RotateRequest,
  Session,
  Settings,
  SignUpRequest,
  TokenRequest,
} from "./types";

export const signUp = (body: SignUpRequest) => request<Session>("POST", endpoints.signup(), { body });

export const logIn = (body: LogInRequest) => request<Session>("POST", endpoints.login(), { body });

export const logOut = () => request<void>("POST", endpoints.logout());

export const revokeSession = (sessionId: string) => request<void>("DELETE", endpoints.sessionRevoke(sessionId));

export const createToken = (body: TokenRequest) => request<NewToken>("POST", endpoints.tokens(), { body });

export const revokeToken = (tokenId: string) => request<void>("DELETE", endpoints.tokenRevoke(tokenId));

/** The key makes a repeated press or a lost answer create one app, not two. */
export async function createApp(body: AppRequest, idempotencyKey: string): Promise<App> {
  return (await request<AppEnvelope>("POST", endpoints.apps(), { body, idempotencyKey })).app;
}

export async function renameApp(appId: string, body: AppPatch): Promise<App> {
  return (await request<AppEnvelope>("PATCH", endpoints.app(appId), { body })).app;
}

export async function deleteApp(appId: string): Promise<App> {
  return (await request<AppEnvelope>("DELETE", endpoints.app(appId))).app;
}

export async function undeleteApp(appId: string): Promise<App> {
  return (await request<AppEnvelope>("POST", endpoints.appUndelete(appId))).app;
}

export const chooseEngine = (appId: string, body: EngineChoice) => request<AppEngine>("PUT", endpoints.appEngine(appId), { body });

export async function pauseApp(appId: string): Promise<App> {
  return (await request<AppEnvelope>("POST", endpoints.appPause(appId))).app;
}

export async function resumeApp(appId: string): Promise<App> {
  return (await request<AppEnvelope>("POST", endpoints.appResume(appId))).app;
}

/** Refused when somebody else has changed the settings since `version`. */
export const changeSettings = (appId: string, version: number, patch: Record<string, unknown>) =>
  request<Settings>("PATCH", endpoints.appSettings(appId), { body: patch, ifMatch: `"${version}"` });

export async function revealMasterKey(appId: string, body: RevealRequest): Promise<string> {
  return (await request<MasterKey>("POST", endpoints.masterKeyReveal(appId), { body })).master_key;
}

export const rotateKey = (appId: string, kind: KeyKind, body: RotateRequest) => request<RotatedKey>("POST", endpoints.keyRotate(appId, kind), { body });
