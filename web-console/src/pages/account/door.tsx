/** The frame of signing up and logging in. Whoever has a session, new or old, is led on. */

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Navigate } from "react-router";
import { sessionQuery } from "../../api/queries";
import { Logo } from "../../ui/icon";

type DoorProps = { title: string; leadsTo: string; children: ReactNode; foot: ReactNode };

export function Door({ title, leadsTo, children, foot }: DoorProps) {
  const { data: session } = useQuery(sessionQuery);
  if (session) return <Navigate to={leadsTo} replace />;
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
