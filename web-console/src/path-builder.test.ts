import { expect, test } from "vitest";
import { endpoints, pages, safeNext } from "./path-builder";

test("the list of every URL changes only on purpose", () => {
  const urls = {
    home: pages.home(),
    signup: pages.signup(),
    signupAndReturn: pages.signup("/apps/app_1"),
    login: pages.login(),
    loginAndReturn: pages.login("/apps/app_1?tab=keys"),
    account: pages.account(),
    apps: pages.apps(),
    appCreate: pages.appCreate(),
    app: pages.app("app_1"),
    appPattern: pages.app(":appId"),
    appActivity: pages.appActivity("app_1"),
    appEngine: pages.appEngine("app_1"),
    appSettings: pages.appSettings("app_1"),
    appSettingsPart: pages.appSettings("app_1", "limits"),
    apiSignup: endpoints.signup(),
    apiLogin: endpoints.login(),
    apiLogout: endpoints.logout(),
    apiSession: endpoints.session(),
    apiSessions: endpoints.sessions(),
    apiSessionRevoke: endpoints.sessionRevoke("ses_1"),
    apiTokens: endpoints.tokens(),
    apiTokenRevoke: endpoints.tokenRevoke("tok_1"),
    apiRegions: endpoints.regions(),
    apiApps: endpoints.apps(),
    apiAppsPage: endpoints.apps({ limit: 100, cursor: "abc", include_deleted: true }),
    apiApp: endpoints.app("app_1"),
    apiAppEngine: endpoints.appEngine("app_1"),
    apiAppPause: endpoints.appPause("app_1"),
    apiAppResume: endpoints.appResume("app_1"),
    apiAppUndelete: endpoints.appUndelete("app_1"),
    apiAppKeys: endpoints.appKeys("app_1"),
    apiMasterKeyReveal: endpoints.masterKeyReveal("app_1"),
    apiKeyRotate: endpoints.keyRotate("app_1", "javascript"),
    apiAppSettings: endpoints.appSettings("app_1"),
    apiAppUsage: endpoints.appUsage("app_1"),
    apiAppAudit: endpoints.appAudit("app_1", { limit: 50 }),
  };
  expect(urls).toMatchInlineSnapshot(`
    {
      "account": "/account",
      "apiApp": "/api/v1/apps/app_1",
      "apiAppAudit": "/api/v1/apps/app_1/audit?limit=50",
      "apiAppEngine": "/api/v1/apps/app_1/engine",
      "apiAppKeys": "/api/v1/apps/app_1/keys",
      "apiAppPause": "/api/v1/apps/app_1/pause",
      "apiAppResume": "/api/v1/apps/app_1/resume",
      "apiAppSettings": "/api/v1/apps/app_1/settings",
      "apiAppUndelete": "/api/v1/apps/app_1/undelete",
      "apiAppUsage": "/api/v1/apps/app_1/usage",
      "apiApps": "/api/v1/apps",
      "apiAppsPage": "/api/v1/apps?limit=100&cursor=abc&include_deleted=true",
      "apiKeyRotate": "/api/v1/apps/app_1/keys/javascript/rotate",
      "apiLogin": "/api/v1/login",
      "apiLogout": "/api/v1/logout",
      "apiMasterKeyReveal": "/api/v1/apps/app_1/keys/master/reveal",
      "apiRegions": "/api/v1/regions",
      "apiSession": "/api/v1/session",
      "apiSessionRevoke": "/api/v1/sessions/ses_1",
      "apiSessions": "/api/v1/sessions",
      "apiSignup": "/api/v1/signup",
      "apiTokenRevoke": "/api/v1/tokens/tok_1",
      "apiTokens": "/api/v1/tokens",
      "app": "/apps/app_1",
      "appActivity": "/apps/app_1/activity",
      "appCreate": "/apps/new",
      "appEngine": "/apps/app_1/engine",
      "appPattern": "/apps/:appId",
      "appSettings": "/apps/app_1/settings",
      "appSettingsPart": "/apps/app_1/settings?part=limits",
      "apps": "/apps",
      "home": "/",
      "login": "/login",
      "loginAndReturn": "/login?next=%2Fapps%2Fapp_1%3Ftab%3Dkeys",
      "signup": "/signup",
      "signupAndReturn": "/signup?next=%2Fapps%2Fapp_1",
    }
  `);
});

test("an id cannot climb out of its place in the path", () => {
  expect(endpoints.app("../tokens")).toBe("/api/v1/apps/..%2Ftokens");
});

test("after signing in only pages of this console are returned to", () => {
  expect(safeNext("/apps/app_1")).toBe("/apps/app_1");
  for (const foreign of [null, "", "apps", "https://example.org", "//example.org", "/\\example.org"]) {
    expect(safeNext(foreign)).toBe("/apps");
  }
});
