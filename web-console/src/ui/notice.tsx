/** The states of a view that has nothing to show: empty (what it is for and the first step) and failed (the cause, and a retry). */

import type { ReactNode } from "react";
import { errorSentence } from "../api/error";
import { Button } from "./button";
import { Icon, type IconName } from "./icon";

type EmptyNoticeProps = { icon: IconName; title: string; children: ReactNode; action?: ReactNode; whole?: boolean };

export function EmptyNotice({ icon, title, children, action, whole = false }: EmptyNoticeProps) {
  return (
    <div className="notice">
      <span className="notice-icon">
        <Icon name={icon} size={20} />
      </span>
      <Heading whole={whole}>{title}</Heading>
      <p className="muted">{children}</p>
      {action === undefined ? null : <div className="notice-action">{action}</div>}
    </div>
  );
}

/** A notice that is the whole page carries the page's heading. */
function Heading({ whole, children }: { whole: boolean; children: ReactNode }) {
  return whole ? <h1>{children}</h1> : <h2>{children}</h2>;
}

type FailedNoticeProps = { what: string; error: unknown; onRetry: () => void; stillWorks?: string; whole?: boolean };

export function FailedNotice({ what, error, onRetry, stillWorks, whole = false }: FailedNoticeProps) {
  return (
    <div className="notice" role="alert">
      <span className="notice-icon notice-icon-bad">
        <Icon name="alert" size={20} />
      </span>
      <Heading whole={whole}>{what} could not be loaded</Heading>
      <p className="muted">
        {errorSentence(error)} {stillWorks}
      </p>
      <div className="notice-action">
        <Button onClick={onRetry} icon="restore">
          Try again
        </Button>
      </div>
    </div>
  );
}

/** A line across the page that says what is, and what to do. */
export function Banner({ tone, title, children, action }: { tone: "accent" | "good" | "warn" | "bad"; title: ReactNode; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className={`banner banner-${tone}`}>
      <div className="banner-words">
        <p className="banner-title">{title}</p>
        {children === undefined ? null : <div className="small muted">{children}</div>}
      </div>
      {action === undefined ? null : <div className="banner-action">{action}</div>}
    </div>
  );
}
