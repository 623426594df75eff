/** Small words with a state. Colour never stands alone: the word says it too. */

import type { ReactNode } from "react";
import type { AppStatus } from "../api/types";

export type Tone = "neutral" | "good" | "warn" | "bad" | "accent";

export function Chip({ tone = "neutral", children }: { tone?: Tone; children: ReactNode }) {
  return <span className={`chip chip-${tone}`}>{children}</span>;
}

const statusWords: Record<AppStatus, { tone: Tone; word: string }> = {
  provisioning: { tone: "accent", word: "Starting" },
  ready: { tone: "good", word: "Ready" },
  restarting: { tone: "warn", word: "Restarting" },
  failing: { tone: "bad", word: "Failing" },
  suspended: { tone: "neutral", word: "Paused" },
  deleted: { tone: "neutral", word: "Deleted" },
};

export function StatusChip({ status }: { status: AppStatus }) {
  const { tone, word } = statusWords[status];
  return (
    <Chip tone={tone}>
      <span className={status === "provisioning" || status === "restarting" ? "dot dot-moving" : "dot"} aria-hidden="true" />
      {word}
    </Chip>
  );
}
