import { expect, test } from "vitest";
import type { App } from "../../api/types";
import { headline, isTakingUpAChange, reportedMessage } from "./state-words";

const app = (status: App["status"], more: Partial<App> = {}): App => ({ name: "Bakery", status, status_message: null, url: "https://bakery.example", serves: status === "ready", suspension: null, ...more }) as App;
const paused: App["suspension"] = { reason: "user_requested", since: "2026-11-01T00:00:00Z", message: "It is paused." };

test("what is wrong is said on every page, by Start itself where the app does not serve", () => {
  for (const status of ["failing", "restarting"] as const) {
    const troubled = app(status, { status_message: "The database does not answer." });
    expect(reportedMessage(troubled, false)).toBe("The database does not answer.");
    expect(reportedMessage(troubled, true)).toBeNull();
  }
  const refusing = app("ready", { status_message: "The last change was refused." });
  expect(reportedMessage(refusing, true)).toBe("The last change was refused.");
  expect(reportedMessage(app("ready"), false)).toBeNull();
});

test("a change on its way takes nothing away from those who use the app", () => {
  const changing = app("restarting", { serves: true });
  expect(isTakingUpAChange(changing)).toBe(true);
  expect(headline(changing, "Europe")).toEqual({ title: "A change is on its way to your backend", text: expect.stringContaining("Requests are answered meanwhile") });
});

test("an app that is down, that is being resumed or that is being stopped is not said to answer", () => {
  for (const down of [app("restarting", { status_message: "It ended with code 1." }), app("restarting"), app("restarting", { serves: true, suspension: paused })]) {
    expect(isTakingUpAChange(down)).toBe(false);
    expect(headline(down, "Europe").text).not.toContain("meanwhile");
  }
});

test("an app that fails to take a change up, and serves, is not said to be down", () => {
  expect(headline(app("failing", { serves: true }), "Europe").text).toContain("Requests are answered as before");
  expect(headline(app("failing"), "Europe").title).toBe("Your backend does not answer");
});
