/** The present moment in milliseconds, moving on at the given pace. */

import { useEffect, useState } from "react";

const CALM_MS = 10_000;

export function useNow(everyMs = CALM_MS): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
