/** Swift with the Parse SDK for Apple platforms (`ParseCore`), whose class names are plain strings. Source: its `PFAnonymousUtils.h` and iOS guide. */

import { quoted, type Snippet, type SnippetInput } from "./snippet";

export function swift({ url, applicationId, clientKey }: SnippetInput): Snippet {
  return {
    id: "swift",
    title: "Swift",
    language: "swift",
    how: "In Xcode add the package `github.com/parse-community/Parse-SDK-iOS-OSX` (product `ParseObjC`), put this in a file of its own and call `startBackend()` where the app starts.",
    code: `import ParseCore

func startBackend() {
    Parse.initialize(with: ParseClientConfiguration {
        $0.applicationId = ${quoted(applicationId)}
        $0.clientKey = ${quoted(clientKey)}
        $0.server = ${quoted(url)}
    })

    PFAnonymousUtils.logIn { user, error in
        guard user != nil else { return print(error?.localizedDescription ?? "Not signed in") }
        let task = PFObject(className: "Task")
        task["title"] = "Ship it"
        task.saveInBackground { saved, error in
            print(saved ? "Saved \\(task.objectId ?? "")" : error?.localizedDescription ?? "Not saved")
        }
    }
}
`,
  };
}
