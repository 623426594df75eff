/** The frame of a page before anything is known about it. */

import { Logo } from "../../ui/icon";
import { Bone, Skeleton } from "../../ui/skeleton";

export function ShellSkeleton() {
  return (
    <div className="shell">
      <div className="rail">
        <div className="brand">
          <Logo />
          Slipway
        </div>
      </div>
      <div className="column">
        <div className="top" />
        <main>
          <Skeleton label="the page">
            <div className="skeleton-page">
              <Bone width="m" tall />
              <Bone tall />
              <Bone tall />
            </div>
          </Skeleton>
        </main>
      </div>
    </div>
  );
}
