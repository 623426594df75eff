// An app of the platform as its own code sees it: through the unmodified Parse SDK, and by HTTP.

import Parse from 'parse/node';

/** Points the SDK at an app with the keys that `GET /apps/{id}/keys` returns. */
export function useApp(app, keys) {
  Parse.initialize(keys.application_id, keys.javascript_key);
  Parse.serverURL = app.url;
  Parse.User.enableUnsafeCurrentUser();
  return Parse;
}

/** One REST request with the REST key; returns `{status, body}`. */
export async function rest(app, keys, method, path, { body, session } = {}) {
  const response = await fetch(`${app.url}${path}`, {
    method,
    headers: {
      'x-parse-application-id': keys.application_id,
      'x-parse-rest-api-key': keys.rest_key,
      ...(session ? { 'x-parse-session-token': session } : {}),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    body: body ? JSON.stringify(body) : undefined,
  });
  return { status: response.status, body: await response.json() };
}
