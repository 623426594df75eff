/** Grey shapes in the final layout, shown only when waiting takes longer than a blink. */

import { useEffect, useState, type ReactNode } from "react";

const DELAY_MS = 150;

/** False for the first 150 ms: a fast answer should not flash. */
function useWaitedLong(): boolean {
  const [waited, setWaited] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setWaited(true), DELAY_MS);
    return () => clearTimeout(timer);
  }, []);
  return waited;
}

export function Skeleton({ label, children }: { label: string; children: ReactNode }) {
  const shown = useWaitedLong();
  return (
    <div className={shown ? "skeleton" : "skeleton skeleton-hidden"} role="status" aria-label={`Loading ${label}`}>
      <div aria-hidden="true">{children}</div>
    </div>
  );
}

export type BoneWidth = "s" | "m" | "l" | "full";

export function Bone({ width = "full", tall = false }: { width?: BoneWidth; tall?: boolean }) {
  return <span className={`bone bone-${width}${tall ? " bone-tall" : ""}`} />;
}

/** Rows of a list or table that is on its way. */
export function SkeletonRows({ label, rows = 3 }: { label: string; rows?: number }) {
  return (
    <Skeleton label={label}>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="skeleton-row">
          <Bone width="m" />
          <span className="grow" />
          <Bone width="s" />
        </div>
      ))}
    </Skeleton>
  );
}
