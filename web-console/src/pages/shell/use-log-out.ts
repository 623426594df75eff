/** Ends the session and forgets everything read with it. */

import { useNavigate } from "react-router";
import { logOut } from "../../api/actions";
import { sessionQuery } from "../../api/queries";
import { queryClient } from "../../api/query-client";
import { useAction } from "../../api/use-action";
import { pages } from "../../path-builder";

export function useLogOut(): () => void {
  const navigate = useNavigate();
  const action = useAction(logOut, {
    onDone: () => {
      void navigate(pages.login());
      queryClient.clear();
      queryClient.setQueryData(sessionQuery.queryKey, null);
    },
  });
  return () => action.mutate(undefined);
}
