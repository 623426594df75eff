/** Copies a text and says so, in the button and to screen readers. */

import { useEffect, useState } from "react";
import { Button } from "./button";
import { copyText } from "./clipboard";
import { toast } from "./toast";

const COPIED_FOR_MS = 1_600;

type CopyButtonProps = { text: string; what: string; label?: string; disabledReason?: string | undefined };

export function CopyButton({ text, what, label = "Copy", disabledReason }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), COPIED_FOR_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    if (await copyText(text)) setCopied(true);
    else toast.failed(`The browser did not let the page copy. Select the ${what} and copy it by hand.`);
  };
  return (
    <>
      <Button small icon={copied ? "check" : "copy"} aria-label={copied ? `${what} copied` : `${label} ${what}`} disabledReason={disabledReason} onClick={copy}>
        {copied ? "Copied" : label}
      </Button>
      <span className="sr-only" role="status">
        {copied ? `${what} copied` : ""}
      </span>
    </>
  );
}
