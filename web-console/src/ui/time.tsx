/** A moment, relative to now, with the exact time on hover. */

import { exactTime, relativeTime } from "./format";
import { useNow } from "./use-now";

export function Time({ at }: { at: string }) {
  const now = useNow();
  return (
    <time dateTime={at} title={exactTime(at)}>
      {relativeTime(at, now)}
    </time>
  );
}
