/** The end of every form: what went wrong as a whole, then the button. */

import type { ReactNode } from "react";
import { Button, type ButtonLook } from "../ui/button";

type FormFootProps = {
  sentence: string;
  busy: boolean;
  label: string;
  busyLabel: string;
  look?: ButtonLook;
  disabledReason?: string | undefined;
  children?: ReactNode;
};

export function FormFoot({ sentence, busy, label, busyLabel, look = "primary", disabledReason, children }: FormFootProps) {
  return (
    <>
      <div role="alert" className="form-alert-slot">
        {sentence === "" ? null : <p className="form-alert">{sentence}</p>}
      </div>
      <div className="form-foot">
        {children}
        <Button type="submit" look={look} busy={busy} disabledReason={disabledReason}>
          {busy ? busyLabel : label}
        </Button>
      </div>
    </>
  );
}
