/** Why a region takes neither apps nor changes, in the console's words. */

import type { Region } from "../api/types";

type Words = { short: string; sentence: string };

const words: Record<NonNullable<Region["reason"]>, Words> = {
  away: { short: "Out of reach", sentence: "cannot be reached at the moment" },
  off: { short: "Switched off", sentence: "is switched off" },
};

/** Null while the region is available. */
export function regionTrouble({ reason }: Pick<Region, "reason">): Words | null {
  return reason === null ? null : words[reason];
}
