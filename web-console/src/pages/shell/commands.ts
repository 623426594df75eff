/** What the command palette offers, and how it is searched. Pure, so the order and the matches are tested. */

import type { IconName } from "../../ui/icon";

export type Command = { id: string; label: string; group: string; icon: IconName; run: () => void };

const normal = (text: string): string => text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();

/** Every word of the query starts a word of the command or, failing that, is somewhere inside it. Word starts come first. */
export function search(commands: Command[], query: string): Command[] {
  const words = normal(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return commands;
  const ranked = commands.flatMap((command, order) => {
    const text = normal(`${command.label} ${command.group}`);
    if (!words.every((word) => text.includes(word))) return [];
    const parts = text.split(/[\s.,:-]+/);
    const starts = words.filter((word) => parts.some((part) => part.startsWith(word))).length;
    return [{ command, order, starts }];
  });
  return ranked.sort((a, b) => b.starts - a.starts || a.order - b.order).map(({ command }) => command);
}
