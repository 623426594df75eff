/** How much of an included amount is used. */

import { useId } from "react";

type MeterProps = { label: string; used: number; included: number | null; text: string };

export function Meter({ label, used, included, text }: MeterProps) {
  const id = useId();
  const limit = included === null || included <= 0 ? 0 : included;
  // Tenths of a percent: ARIA takes no number written as 3.5e-8.
  const percent = limit === 0 ? 0 : Math.round(Math.min(used / limit, 1) * 1_000) / 10;
  return (
    <div className="meter">
      <div className="meter-words">
        <span id={id}>{label}</span>
        <span className="muted num">
          {text}
          {limit > 0 && used > limit ? ", over" : ""}
        </span>
      </div>
      {limit === 0 ? null : (
        <div className="meter-track" role="meter" aria-labelledby={id} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent} aria-valuetext={text}>
          <span className={used > limit ? "meter-bar meter-bar-over" : "meter-bar"} style={{ width: `${percent}%` }} />
        </div>
      )}
    </div>
  );
}
