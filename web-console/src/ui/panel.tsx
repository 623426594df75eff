/** A framed part of a page, with a heading that names it for screen readers too. */

import { useId, type ReactNode } from "react";

export function Panel({ title, aside, tone, children }: { title: string; aside?: ReactNode; tone?: "danger"; children: ReactNode }) {
  const id = useId();
  return (
    <section className={tone === undefined ? "panel" : `panel panel-${tone}`} aria-labelledby={id}>
      <div className="panel-head">
        <h2 id={id}>{title}</h2>
        <span className="grow" />
        {aside}
      </div>
      {children}
    </section>
  );
}
