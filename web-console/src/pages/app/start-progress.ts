/** How far a starting app probably is. The control plane knows only "not yet"; time tells the rest. */

const USUAL_SECONDS = 8;
const MOST_PERCENT = 95;

/** Percent after so many seconds. Approaches the end without ever reaching it: the real end is the app answering. */
export function startProgress(seconds: number): number {
  return Math.round(MOST_PERCENT * (1 - Math.exp((-2 * seconds) / USUAL_SECONDS)));
}

export const isSlowStart = (seconds: number): boolean => seconds > 3 * USUAL_SECONDS;
