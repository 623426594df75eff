/** The app's keys. The master key is shown only after the password, and only until the page is left. */

import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { keysQuery } from "../../api/queries";
import type { App, RotatedKey } from "../../api/types";
import { KeyRotateForm } from "../../forms/key-rotate";
import { MasterKeyRevealForm } from "../../forms/master-key-reveal";
import { Button } from "../../ui/button";
import { CopyButton } from "../../ui/copy-button";
import { Modal } from "../../ui/modal";
import { FailedNotice } from "../../ui/notice";
import { Panel } from "../../ui/panel";
import { SkeletonRows } from "../../ui/skeleton";
import { toast } from "../../ui/toast";

type Dialog = "none" | "reveal" | "rotate";

function KeyRow({ name, value, children }: { name: string; value: ReactNode; children: ReactNode }) {
  return (
    <div className="key-row">
      <dt className="small muted">{name}</dt>
      <dd className="key-value">{value}</dd>
      <dd className="key-actions">{children}</dd>
    </div>
  );
}

function MasterKeyRow({ masterKey, onReveal, onHide }: { masterKey: string; onReveal: () => void; onHide: () => void }) {
  if (masterKey === "") {
    return (
      <KeyRow name="Master key" value={<span className="small muted">Server only. Never put it in an app.</span>}>
        <Button small icon="eye" onClick={onReveal}>
          Reveal
        </Button>
      </KeyRow>
    );
  }
  return (
    <KeyRow name="Master key" value={<span className="code break">{masterKey}</span>}>
      <Button small onClick={onHide}>
        Hide
      </Button>
      <CopyButton text={masterKey} what="master key" />
    </KeyRow>
  );
}

function PublicKeys({ app }: { app: App }) {
  const keys = useQuery(keysQuery(app.id));
  if (keys.isPending) return <SkeletonRows label="keys" rows={4} />;
  if (keys.data === undefined) return <FailedNotice what="The keys" error={keys.error} onRetry={() => void keys.refetch()} stillWorks="Apps that use them keep working." />;
  const rows: [string, string][] = [
    ["Application ID", keys.data.application_id],
    ["JavaScript key", keys.data.javascript_key],
    ["Client key", keys.data.client_key],
    ["REST key", keys.data.rest_key],
  ];
  return rows.map(([name, value]) => (
    <KeyRow key={name} name={name} value={<span className="code break">{value}</span>}>
      <CopyButton text={value} what={name} />
    </KeyRow>
  ));
}

export function KeysPanel({ app }: { app: App }) {
  const [dialog, setDialog] = useState<Dialog>("none");
  const [masterKey, setMasterKey] = useState("");
  const close = () => setDialog("none");
  const onRotated = ({ kind, key }: RotatedKey) => {
    close();
    if (kind === "master") setMasterKey(key);
    toast.done("The key is replaced. The old one no longer works.");
  };
  const blocked = app.status === "deleted" ? "Restore the app first." : undefined;
  return (
    <Panel
      title="Keys"
      aside={
        <Button small look="quiet" disabledReason={blocked} onClick={() => setDialog("rotate")}>
          Rotate…
        </Button>
      }
    >
      <dl className="keys">
        <PublicKeys app={app} />
        <MasterKeyRow masterKey={masterKey} onReveal={() => setDialog("reveal")} onHide={() => setMasterKey("")} />
      </dl>
      <Modal
        open={dialog === "reveal"}
        onClose={close}
        title="Reveal the master key"
        description="It passes every permission check. Enter your password to see it; the audit log notes that you did."
      >
        <MasterKeyRevealForm
          app={app}
          onDone={(key) => {
            setMasterKey(key);
            close();
          }}
        />
      </Modal>
      <Modal
        open={dialog === "rotate"}
        onClose={close}
        title="Rotate a key"
        description="Slipway makes a new key and the old one stops working at once. Apps that carry the old key are refused until they are updated."
      >
        <KeyRotateForm app={app} onDone={onRotated} />
      </Modal>
    </Panel>
  );
}
