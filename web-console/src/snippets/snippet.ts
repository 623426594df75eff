/** What a snippet is made from, and what it is. */

import type { Language } from "./colour";

export type SnippetInput = {
  /** The app's address, ending in `/parse`. */
  url: string;
  applicationId: string;
  clientKey: string;
  javascriptKey: string;
  restKey: string;
};

export type Snippet = {
  id: string;
  title: string;
  language: Language;
  /** What to do before and with the code, in one or two sentences; words between backquotes are code. */
  how: string;
  code: string;
};

/** Keys and addresses hold no quotes or line breaks, yet a snippet must never be able to break out of its string. */
export const quoted = (text: string): string => JSON.stringify(text);

export const isLocal = (url: string): boolean => ["localhost", "127.0.0.1"].includes(new URL(url).hostname);
