/** Numbers, sizes and times in the reader's own locale. */

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365 * 86_400],
  ["month", 30 * 86_400],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
const JUST_NOW_SECONDS = 45;

export function relativeTime(at: string, now: number, locale?: string): string {
  const seconds = (new Date(at).getTime() - now) / 1_000;
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  if (Math.abs(seconds) < JUST_NOW_SECONDS) return format.format(0, "second");
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
  }
  return format.format(Math.sign(seconds), "minute");
}

export function exactTime(at: string, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "medium" }).format(new Date(at));
}

export function day(at: string, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "long" }).format(new Date(at));
}

/** The month a usage period starts in. Periods are UTC months. */
export function monthName(at: string, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { month: "long", timeZone: "UTC" }).format(new Date(at));
}

const GIGABYTE = 1_000_000_000;
const BYTE_UNITS: [string, number][] = [
  ["TB", 1_000 * GIGABYTE],
  ["GB", GIGABYTE],
  ["MB", 1_000_000],
  ["KB", 1_000],
];

/** Decimal units, as on the price list. */
export function bytes(amount: number, locale?: string): string {
  const [unit, size] = BYTE_UNITS.find(([, least]) => amount >= least) ?? ["B", 1];
  return `${new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 }).format(amount / size)} ${unit}`;
}

export function count(amount: number, locale?: string): string {
  return new Intl.NumberFormat(locale).format(amount);
}

function shortCount(amount: number, locale?: string): string {
  const million = 1_000_000;
  return amount >= million ? `${count(amount / million, locale)} M` : count(amount, locale);
}

export function duration(seconds: number, locale?: string): string {
  if (seconds >= 3_600) return `${new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format(seconds / 3_600)} h`;
  return seconds >= 60 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds)} s`;
}

/** "12,480 of 1 M", "210 MB of 1 GB", "3 h". */
export function usageText(quantity: number, included: number | null, unit: string, locale?: string): string {
  if (unit === "bytes") return included === null ? bytes(quantity, locale) : `${bytes(quantity, locale)} of ${bytes(included, locale)}`;
  if (unit === "seconds") return included === null ? duration(quantity, locale) : `${duration(quantity, locale)} of ${duration(included, locale)}`;
  return included === null ? count(quantity, locale) : `${count(quantity, locale)} of ${shortCount(included, locale)}`;
}

/** Two letters that stand for a name. */
export function initials(name: string): string {
  const letters = [...name.trim()].slice(0, 2).join("");
  return letters.charAt(0).toUpperCase() + letters.slice(1);
}
