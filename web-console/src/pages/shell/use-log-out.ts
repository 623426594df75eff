/** Ends the session. The page is loaded anew, so nothing read with the session stays in memory. */

import { logOut } from "../../api/actions";
import { useAction } from "../../api/use-action";
import { pages } from "../../path-builder";

export function useLogOut(): () => void {
  const action = useAction(logOut, { onDone: () => window.location.replace(pages.login()) });
  return () => action.mutate(undefined);
}
