/** Says that Slipway cannot be reached, for as long as that is so, and keeps trying. */

import { useQuery } from "@tanstack/react-query";
import { connection } from "../../api/connection";
import { sessionQuery } from "../../api/queries";
import { useStore } from "../../ui/store";

const RETRY_MS = 3_000;

export function ConnectionBanner() {
  const connected = useStore(connection);
  useQuery({ ...sessionQuery, refetchInterval: connected ? false : RETRY_MS });
  if (connected) return null;
  return (
    <div className="connection-banner" role="status">
      <span className="dot dot-moving" aria-hidden="true" />
      Slipway cannot be reached. Your apps keep running, and this page updates by itself when the connection is back.
    </div>
  );
}
