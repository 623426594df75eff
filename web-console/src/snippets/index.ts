/** Code to paste into an app, filled with its real keys. Each signs in an anonymous user first: a new app is private, so nobody else may save. */

import { curl } from "./curl";
import { browser, node } from "./javascript";
import { kotlin } from "./kotlin";
import type { Snippet, SnippetInput } from "./snippet";
import { swift } from "./swift";

export type { Snippet, SnippetInput } from "./snippet";

export const snippets = (input: SnippetInput): Snippet[] => [node, browser, swift, kotlin, curl].map((build) => build(input));
