/** Asks before unsaved settings are lost: in the console's words on the way to another page of it, in the browser's when the window goes away. */

import { useEffect } from "react";
import { useBlocker } from "react-router";
import { Button } from "../../ui/button";
import { Modal } from "../../ui/modal";
import { changesText } from "./draft";
import type { SettingsDraft } from "./use-settings-draft";

export function LeaveGuard({ form }: { form: SettingsDraft }) {
  const { changed, isUnsaved } = form;
  const anyUnsaved = changed.length > 0;
  // The parts of the settings are one page: they have the same path, and the draft goes along.
  const blocker = useBlocker(({ currentLocation, nextLocation }) => isUnsaved.current && currentLocation.pathname !== nextLocation.pathname);
  useEffect(() => {
    if (!anyUnsaved) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [anyUnsaved]);
  useEffect(() => {
    // Saved while it was asked: nothing is lost any more.
    if (blocker.state === "blocked" && !anyUnsaved) blocker.proceed();
  }, [blocker, anyUnsaved]);
  return (
    <Modal
      open={blocker.state === "blocked"}
      onClose={() => blocker.reset?.()}
      title="Leave without saving?"
      description={`${changesText(changed.length)} not saved. Leaving this page discards ${changed.length === 1 ? "it" : "them"}.`}
    >
      <div className="form-foot">
        <Button onClick={() => blocker.reset?.()}>Stay here</Button>
        <Button look="danger" onClick={() => blocker.proceed?.()}>
          Discard and leave
        </Button>
      </div>
    </Modal>
  );
}
