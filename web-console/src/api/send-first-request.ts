/** "Send one for me": does from the browser what the snippets do, with the keys shown. Signs in an anonymous user, then saves a task as that user. */

import { randomId } from "../random-id";
import { ApiError } from "./error";

export type FirstRequest = { url: string; applicationId: string; javascriptKey: string };

async function post(url: string, headers: Record<string, string>, body: unknown): Promise<Record<string, unknown>> {
  let response: Response;
  try {
    response = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json", ...headers }, body: JSON.stringify(body) });
  } catch {
    throw new ApiError(500, { code: "app_unreachable", message: "The app could not be reached from this browser. Wait a moment and try again, or run one of the snippets." });
  }
  const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (response.ok) return answer;
  const cause = typeof answer["error"] === "string" ? answer["error"] : `status ${response.status}`;
  throw new ApiError(response.status, { code: "app_refused", message: `The app refused the request: ${cause}. Check that the JavaScript key has not just been rotated.` });
}

export async function sendFirstRequest({ url, applicationId, javascriptKey }: FirstRequest): Promise<void> {
  const keys = { "X-Parse-Application-Id": applicationId, "X-Parse-Javascript-Key": javascriptKey };
  const user = await post(`${url}/users`, keys, { authData: { anonymous: { id: randomId() } } });
  const session = String(user["sessionToken"] ?? "");
  await post(`${url}/classes/Task`, { ...keys, "X-Parse-Session-Token": session }, { title: "Ship it" });
}
