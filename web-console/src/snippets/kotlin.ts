/** Kotlin with the Parse SDK for Android 4. Source: Parse Android guide, "Anonymous Users"; the emulator's name for its host is 10.0.2.2. */

import { isLocal, quoted, type Snippet, type SnippetInput } from "./snippet";

const dependency =
  "Add `com.github.parse-community.Parse-SDK-Android:parse:4.4.0` from JitPack, put this in `App.kt`, and name `.App` as the application in the manifest.";
const localNote = " The address is this computer as the Android emulator sees it; plain http needs `usesCleartextTraffic` in the manifest.";

function seenFromEmulator(url: string): string {
  const address = new URL(url);
  address.hostname = "10.0.2.2";
  return address.toString();
}

export function kotlin({ url, applicationId, clientKey }: SnippetInput): Snippet {
  const local = isLocal(url);
  return {
    id: "kotlin",
    title: "Kotlin",
    language: "kotlin",
    how: local ? dependency + localNote : dependency,
    code: `import android.app.Application
import android.util.Log
import com.parse.Parse
import com.parse.ParseAnonymousUtils
import com.parse.ParseObject

class App : Application() {
    override fun onCreate() {
        super.onCreate()
        Parse.initialize(
            Parse.Configuration.Builder(this)
                .applicationId(${quoted(applicationId)})
                .clientKey(${quoted(clientKey)})
                .server(${quoted(local ? seenFromEmulator(url) : url)})
                .build()
        )
        ParseAnonymousUtils.logIn { user, error ->
            if (user == null) Log.e("Task", "Not signed in", error) else saveTask()
        }
    }

    private fun saveTask() {
        val task = ParseObject("Task")
        task.put("title", "Ship it")
        task.saveInBackground { error ->
            if (error == null) Log.i("Task", "Saved \${task.objectId}") else Log.e("Task", "Not saved", error)
        }
    }
}
`,
  };
}
