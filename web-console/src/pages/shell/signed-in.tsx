/** The guard around every page but signing up and logging in. An ended session leads to the login, and from there back to the same address. */

import { useQuery } from "@tanstack/react-query";
import { Suspense } from "react";
import { Navigate, Outlet, useLocation } from "react-router";
import { sessionQuery } from "../../api/queries";
import { pages } from "../../path-builder";
import { FailedNotice } from "../../ui/notice";
import { CommandPalette } from "./command-palette";
import { ConnectionBanner } from "./connection-banner";
import { SessionContext } from "./session";
import { ShellSkeleton } from "./shell-skeleton";

export function SignedIn() {
  const location = useLocation();
  const session = useQuery(sessionQuery);
  if (session.isPending) return <ShellSkeleton />;
  if (session.isError && session.data === undefined) {
    return (
      <main className="lone">
        <FailedNotice whole what="Your account" error={session.error} onRetry={() => void session.refetch()} stillWorks="Your apps keep running." />
      </main>
    );
  }
  if (session.data === null || session.data === undefined) {
    const here = location.pathname + location.search;
    const isEntrance = here === pages.home() || here === pages.apps();
    return <Navigate to={pages.login(isEntrance ? undefined : here)} replace />;
  }
  return (
    <SessionContext value={session.data}>
      <ConnectionBanner />
      <Suspense fallback={<ShellSkeleton />}>
        <Outlet />
      </Suspense>
      <CommandPalette />
    </SessionContext>
  );
}
