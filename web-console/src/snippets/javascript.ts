/**
 * JavaScript with the `parse` package 8. On Node the SDK keeps no current user unless asked, so the save would carry no session; in a
 * browser it always does. Source: Parse JS guide, "Anonymous Users"; `ParseUser.enableUnsafeCurrentUser` in the package.
 */

import { quoted, type Snippet, type SnippetInput } from "./snippet";

const save = `await Parse.AnonymousUtils.logIn();

const task = new Parse.Object("Task");
task.set("title", "Ship it");
await task.save();
`;

function initialize({ url, applicationId, javascriptKey }: SnippetInput): string {
  return `Parse.initialize(${quoted(applicationId)}, ${quoted(javascriptKey)});
Parse.serverURL = ${quoted(url)};
`;
}

export function node(input: SnippetInput): Snippet {
  return {
    id: "node",
    title: "Node.js",
    language: "javascript",
    how: "Run `npm install parse`, save this as `first.mjs`, then run `node first.mjs`.",
    code: `import Parse from "parse/node";

${initialize(input)}Parse.User.enableUnsafeCurrentUser(); // this process is one user, as a browser is
${save}console.log("Saved", task.id);
`,
  };
}

export function browser(input: SnippetInput): Snippet {
  return {
    id: "browser",
    title: "Web",
    language: "javascript",
    how: "Run `npm install parse` in your web project and put this in a module, with Vite or any other bundler.",
    code: `import Parse from "parse";

${initialize(input)}
${save}console.log("Saved", task.id);
`,
  };
}
