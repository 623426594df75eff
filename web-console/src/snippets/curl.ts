/**
 * curl for bash and zsh, pasted as one block. No comments: an interactive zsh takes `#` for a command. No jq: a stranger's machine may not
 * have it. macOS has `uuidgen`, every Linux has the kernel's file.
 */

import type { Snippet, SnippetInput } from "./snippet";

/** Single quotes keep the shell from reading anything inside. */
const literal = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

export function curl({ url, applicationId, restKey }: SnippetInput): Snippet {
  return {
    id: "curl",
    title: "curl",
    language: "shell",
    how: "Paste this into a terminal. It signs in an anonymous user, then saves a task as that user.",
    code: `URL=${literal(url)}
APP=${literal(applicationId)}
KEY=${literal(restKey)}
ID=$(uuidgen 2>/dev/null || cat /proc/sys/kernel/random/uuid)

SESSION=$(curl -sS "$URL/users" \\
  -H "X-Parse-Application-Id: $APP" \\
  -H "X-Parse-REST-API-Key: $KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"authData":{"anonymous":{"id":"'"$ID"'"}}}' |
  sed -n 's/.*"sessionToken":"\\([^"]*\\)".*/\\1/p')

curl -sS "$URL/classes/Task" \\
  -H "X-Parse-Application-Id: $APP" \\
  -H "X-Parse-REST-API-Key: $KEY" \\
  -H "X-Parse-Session-Token: $SESSION" \\
  -H "Content-Type: application/json" \\
  -d '{"title":"Ship it"}'
`,
  };
}
