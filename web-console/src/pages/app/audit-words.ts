/** An audit entry in words. */

import type { AuditEntry } from "../../api/types";

const sentences: Record<string, string> = {
  app_create: "created the app",
  app_rename: "renamed the app",
  app_delete: "deleted the app",
  app_undelete: "restored the app",
  app_resize: "changed what the app runs on",
  app_pause: "paused the app",
  app_resume: "resumed the app",
  key_rotate: "rotated a key",
  settings_change: "changed the settings",
  key_reveal: "revealed the master key",
};

const normal = (action: string): string => action.replaceAll(/[.\s-]/g, "_");

/** "rotated a key"; an action this console does not know yet is shown by its name. */
export function auditSentence(entry: Pick<AuditEntry, "action">): string {
  return sentences[normal(entry.action)] ?? normal(entry.action).replaceAll("_", " ");
}

export type Change = { name: string; before: string; after: string };

const record = (value: unknown): Record<string, unknown> => (typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {});

function shown(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The fields that differ between before and after. */
export function auditChanges(entry: { before?: unknown; after?: unknown }): Change[] {
  const before = record(entry.before);
  const after = record(entry.after);
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.map((name) => ({ name, before: shown(before[name]), after: shown(after[name]) })).filter((change) => change.before !== change.after);
}
