/** Shows the toasts in a live region. One with an action, or an error, stays longer; none leaves while it is pointed at or focused. */

import { useEffect, useState } from "react";
import { Button, IconButton } from "./button";
import { Icon } from "./icon";
import { useStore } from "./store";
import { dismissToast, toasts, type Toast } from "./toast";

const SHORT_MS = 4_000;
const LONG_MS = 12_000;

function ToastLine({ toast }: { toast: Toast }) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return;
    const stays = toast.action !== undefined || toast.tone === "bad" ? LONG_MS : SHORT_MS;
    const timer = setTimeout(() => dismissToast(toast.id), stays);
    return () => clearTimeout(timer);
  }, [held, toast]);
  const { action } = toast;
  const runAction = () => {
    dismissToast(toast.id);
    action?.run();
  };
  return (
    <div
      className={`toast toast-${toast.tone}`}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <Icon name={toast.tone === "good" ? "check" : "alert"} />
      <span className="toast-text">{toast.text}</span>
      {action === undefined ? null : (
        <Button small onClick={runAction}>
          {action.label}
        </Button>
      )}
      <IconButton icon="close" label="Dismiss" onClick={() => dismissToast(toast.id)} />
    </div>
  );
}

export function Toaster() {
  const list = useStore(toasts);
  return (
    <div className="toaster" role="log" aria-live="polite" aria-label="Messages">
      {list.map((toast) => (
        <ToastLine key={toast.id} toast={toast} />
      ))}
    </div>
  );
}
