/** Guesses the region closest to a reader from the time zone's name. Only a preselection: the founder chooses. */
export function nearestRegion(timeZone: string, regions: readonly string[]): string {
  const guess = /^(America|US|Canada|Pacific)\//.test(timeZone) ? "na" : "eu";
  return regions.includes(guess) ? guess : (regions[0] ?? "");
}

export const ownTimeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;
