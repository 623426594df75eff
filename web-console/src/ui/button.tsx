/** Buttons. One that cannot be pressed now stays visible and focusable, and says why. */

import { Tooltip } from "@base-ui/react/tooltip";
import { useId, type ComponentProps, type ReactNode } from "react";
import { Link } from "react-router";
import { Icon, type IconName } from "./icon";

export type ButtonLook = "plain" | "primary" | "danger" | "quiet";
type Shared = { look?: ButtonLook; small?: boolean; icon?: IconName; children: ReactNode };

function classes(look: ButtonLook, small: boolean): string {
  return ["btn", look === "plain" ? "" : `btn-${look}`, small ? "btn-small" : ""].filter(Boolean).join(" ");
}

export type ButtonProps = Shared &
  Omit<ComponentProps<"button">, "disabled" | "className"> & {
    /** Work is under way; presses do nothing and the label stays. */
    busy?: boolean;
    /** Why it cannot be pressed now. */
    disabledReason?: string | undefined;
  };

export function Button({ look = "plain", small = false, icon, busy = false, disabledReason, children, onClick, type = "button", ...rest }: ButtonProps) {
  const reasonId = useId();
  const blocked = busy || disabledReason !== undefined;
  const button = (
    <button
      {...rest}
      type={type}
      className={classes(look, small)}
      aria-disabled={blocked || undefined}
      aria-busy={busy || undefined}
      aria-describedby={disabledReason === undefined ? rest["aria-describedby"] : reasonId}
      onClick={(event) => (blocked ? event.preventDefault() : onClick?.(event))}
    >
      {icon === undefined ? null : <Icon name={icon} />}
      {children}
    </button>
  );
  if (disabledReason === undefined) return button;
  return (
    <Tooltip.Root>
      <Tooltip.Trigger delay={150} render={button} />
      <span id={reasonId} hidden>
        {disabledReason}
      </span>
      <Tooltip.Portal>
        <Tooltip.Positioner sideOffset={6}>
          <Tooltip.Popup className="tooltip">{disabledReason}</Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}

export function LinkButton({ look = "plain", small = false, icon, children, to }: Shared & { to: string }) {
  return (
    <Link to={to} className={classes(look, small)}>
      {icon === undefined ? null : <Icon name={icon} />}
      {children}
    </Link>
  );
}

export function IconButton({ icon, label, ...rest }: { icon: IconName; label: string } & Omit<ComponentProps<"button">, "className" | "aria-label">) {
  return (
    <button type="button" {...rest} className="icon-btn" aria-label={label} title={label}>
      <Icon name={icon} />
    </button>
  );
}
