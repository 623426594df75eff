/** Brings a deleted app back. */

import { undeleteApp } from "../../api/actions";
import { appQuery, appsQuery } from "../../api/queries";
import { queryClient } from "../../api/query-client";
import type { App } from "../../api/types";
import { useAction } from "../../api/use-action";
import { toast } from "../../ui/toast";

export function useRestore() {
  return useAction((app: App) => undeleteApp(app.id), {
    refreshes: [appsQuery.queryKey],
    onDone: (restored) => {
      queryClient.setQueryData(appQuery(restored.id).queryKey, restored);
      toast.done(`${restored.name} is back. It starts now, with its data and keys.`);
    },
  });
}
