/** The session of the page below the guard, where somebody is always signed in. */

import { createContext, useContext } from "react";
import type { Session } from "../../api/types";

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error("useSession is for pages below SignedIn");
  return session;
}
