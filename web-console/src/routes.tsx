/** Which page is at which address. What the first view does not need is loaded when it is first opened. */

import { lazy } from "react";
import { createRoutesFromElements, Navigate, Outlet, Route } from "react-router";
import { LoginPage } from "./pages/account/login";
import { SignupPage } from "./pages/account/signup";
import { StartPage } from "./pages/app/start";
import { AppListPage } from "./pages/apps/list";
import { FaultBoundary } from "./pages/shell/fault";
import { NotFoundPage } from "./pages/shell/not-found";
import { SignedIn } from "./pages/shell/signed-in";
import { pages } from "./path-builder";
import { Toaster } from "./ui/toaster";

const AccountPage = lazy(() => import("./pages/account/account"));
const ActivityPage = lazy(() => import("./pages/app/activity"));
const AppCreatePage = lazy(() => import("./pages/apps/create"));
const EnginePage = lazy(() => import("./pages/app/engine"));
const SettingsPage = lazy(() => import("./pages/app/settings"));

function Frame() {
  return (
    <>
      <FaultBoundary>
        <Outlet />
      </FaultBoundary>
      <Toaster />
    </>
  );
}

export const consoleRoutes = createRoutesFromElements(
  <Route element={<Frame />}>
    <Route path={pages.signup()} element={<SignupPage />} />
    <Route path={pages.login()} element={<LoginPage />} />
    <Route element={<SignedIn />}>
      <Route path={pages.home()} element={<Navigate to={pages.apps()} replace />} />
      <Route path={pages.apps()} element={<AppListPage />} />
      <Route path={pages.appCreate()} element={<AppCreatePage />} />
      <Route path={pages.app(":appId")} element={<StartPage />} />
      <Route path={pages.appActivity(":appId")} element={<ActivityPage />} />
      <Route path={pages.appEngine(":appId")} element={<EnginePage />} />
      <Route path={pages.appSettings(":appId")} element={<SettingsPage />} />
      <Route path={pages.account()} element={<AccountPage />} />
      <Route path="*" element={<NotFoundPage />} />
    </Route>
  </Route>,
);
