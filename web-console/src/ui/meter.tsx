/** How much of an included amount is used. */

import { Meter as BaseMeter } from "@base-ui/react/meter";

type MeterProps = { label: string; used: number; included: number | null; text: string };

export function Meter({ label, used, included, text }: MeterProps) {
  const limit = included === null || included <= 0 ? 0 : included;
  // Tenths of a percent: ARIA takes no number written as 3.5e-8.
  const percent = limit === 0 ? 0 : Math.round(Math.min(used / limit, 1) * 1_000) / 10;
  const over = limit > 0 && used > limit;
  return (
    <BaseMeter.Root className="meter" value={percent} aria-valuetext={text}>
      <div className="meter-words">
        <BaseMeter.Label>{label}</BaseMeter.Label>
        <span className="muted num">{text}</span>
      </div>
      {limit === 0 ? null : (
        <BaseMeter.Track className="meter-track">
          <BaseMeter.Indicator className={over ? "meter-bar meter-bar-over" : "meter-bar"} />
        </BaseMeter.Track>
      )}
    </BaseMeter.Root>
  );
}
