/** The frame of signing up and logging in, and where both lead. */

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Navigate, useLocation, useNavigate, useSearchParams } from "react-router";
import { rememberCsrfToken } from "../../api/client";
import { sessionQuery } from "../../api/queries";
import { queryClient } from "../../api/query-client";
import type { Session } from "../../api/types";
import { safeNext } from "../../path-builder";
import { Logo } from "../../ui/icon";

/** Takes over a new session and goes on; nothing read for an earlier account stays. */
export function useEnter(fallback?: string): (session: Session) => void {
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const next = params.get("next");
  return (session) => {
    queryClient.clear();
    rememberCsrfToken(session.csrf_token);
    queryClient.setQueryData(sessionQuery.queryKey, session);
    void navigate(next === null && fallback !== undefined ? fallback : safeNext(next), { replace: true });
  };
}

type DoorProps = { title: string; children: ReactNode; foot: ReactNode };

export function Door({ title, children, foot }: DoorProps) {
  const { data: session } = useQuery(sessionQuery);
  const { key } = useLocation();
  const [params] = useSearchParams();
  // Somebody with a session who opens this address is taken in; a session that has just begun is led by `useEnter`.
  if (session && key === "default") return <Navigate to={safeNext(params.get("next"))} replace />;
  return (
    <main className="door">
      <div className="door-brand">
        <Logo />
        Slipway
      </div>
      <div className="door-panel">
        <h1>{title}</h1>
        {children}
      </div>
      <p className="door-foot small muted">{foot}</p>
    </main>
  );
}
