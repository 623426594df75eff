/** The cache of everything read, its retry rule, and what happens when the session is gone. */

import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { rememberCsrfToken } from "./client";
import { isSignedOut, isWorthRetrying } from "./error";
import { sessionQuery } from "./queries";
import type { Session } from "./types";

const MAX_RETRIES = 2;

/** Begins with another account, or with none: nothing read for an earlier one stays. */
export function changeSession(session: Session | null): void {
  const [name] = sessionQuery.queryKey;
  queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== name });
  if (session !== null) rememberCsrfToken(session.csrf_token);
  queryClient.setQueryData(sessionQuery.queryKey, session);
}

/** Forgets the session; the guard around every page then asks to log in and comes back to the same address. */
function forgetSession(error: unknown): void {
  if (isSignedOut(error)) queryClient.setQueryData(sessionQuery.queryKey, null);
}

export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: forgetSession }),
  mutationCache: new MutationCache({ onError: forgetSession }),
  defaultOptions: {
    queries: {
      networkMode: "always",
      staleTime: 2_000,
      retry: (failures, error) => failures < MAX_RETRIES && isWorthRetrying(error),
      retryDelay: (attempt) => 400 * 2 ** attempt,
    },
    mutations: { networkMode: "always" },
  },
});
