/** API tokens: made with a name and an end date, shown once, revoked at any time. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { revokeToken } from "../../api/actions";
import { tokensQuery } from "../../api/queries";
import type { NewToken, Token } from "../../api/types";
import { useAction } from "../../api/use-action";
import { TokenCreateForm } from "../../forms/token-create";
import { Button } from "../../ui/button";
import { Chip } from "../../ui/chip";
import { CopyButton } from "../../ui/copy-button";
import { Modal } from "../../ui/modal";
import { EmptyNotice, FailedNotice } from "../../ui/notice";
import { Panel } from "../../ui/panel";
import { SkeletonRows } from "../../ui/skeleton";
import { Time } from "../../ui/time";
import { toast } from "../../ui/toast";
import { useNow } from "../../ui/use-now";

function TokenLine({ token }: { token: Token }) {
  const [asking, setAsking] = useState(false);
  const now = useNow();
  const revoke = useAction((id: string) => revokeToken(id), {
    refreshes: [tokensQuery.queryKey],
    onDone: () => toast.done(`The token ${token.name} no longer works.`),
  });
  const expired = new Date(token.expires_at).getTime() <= now;
  return (
    <li className="line">
      <span className="line-words">
        <span className="line-title">
          <span className="break">{token.name}</span> {expired ? <Chip tone="warn">Expired</Chip> : null}
        </span>
        <span className="small muted">
          <span className="code xs">{token.prefix}…</span> · {expired ? "expired" : "expires"} <Time at={token.expires_at} /> ·{" "}
          {token.last_used_at ? (
            <>
              used <Time at={token.last_used_at} />
            </>
          ) : (
            "never used"
          )}
        </span>
      </span>
      <Button small onClick={() => setAsking(true)} aria-label={`Revoke ${token.name}`}>
        Revoke…
      </Button>
      <Modal open={asking} onClose={() => setAsking(false)} title={`Revoke ${token.name}`} description="Scripts that use it are refused from now on. This cannot be undone.">
        <div className="form-foot">
          <Button onClick={() => setAsking(false)}>Keep it</Button>
          <Button look="danger" busy={revoke.isPending} onClick={() => revoke.mutate(token.id)}>
            Revoke token
          </Button>
        </div>
      </Modal>
    </li>
  );
}

/** The only moment the token can be seen. */
function NewTokenView({ token, onClose }: { token: NewToken; onClose: () => void }) {
  return (
    <>
      <div className="secret">
        <code className="code break">{token.token}</code>
        <CopyButton text={token.token} what="token" />
      </div>
      <div className="form-foot">
        <Button look="primary" onClick={onClose}>
          I have copied it
        </Button>
      </div>
    </>
  );
}

function TokenCreateDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const [made, setMade] = useState<NewToken | null>(null);
  const close = () => {
    setMade(null);
    onClose();
  };
  const description =
    made === null ? "For scripts and CI. It can do what you can do, except manage sessions and tokens." : "Copy it now. For your safety it is not shown again.";
  return (
    <Modal open={open} onClose={close} title={made === null ? "New API token" : `Token ${made.name}`} description={description}>
      {made === null ? <TokenCreateForm onDone={setMade} /> : <NewTokenView token={made} onClose={close} />}
    </Modal>
  );
}

export function TokensPanel() {
  const [creating, setCreating] = useState(false);
  const tokens = useQuery(tokensQuery);
  const create = (
    <Button small icon="plus" onClick={() => setCreating(true)}>
      New token
    </Button>
  );
  return (
    <Panel title="API tokens" aside={create}>
      {tokens.isPending ? (
        <SkeletonRows label="tokens" rows={2} />
      ) : tokens.data === undefined ? (
        <FailedNotice what="The tokens" error={tokens.error} onRetry={() => void tokens.refetch()} />
      ) : tokens.data.length === 0 ? (
        <EmptyNotice icon="key" title="No tokens">
          A token lets a script or CI use the Slipway API in your name.
        </EmptyNotice>
      ) : (
        <ul className="lines">
          {tokens.data.map((token) => (
            <TokenLine key={token.id} token={token} />
          ))}
        </ul>
      )}
      <TokenCreateDialog open={creating} onClose={() => setCreating(false)} />
    </Panel>
  );
}
