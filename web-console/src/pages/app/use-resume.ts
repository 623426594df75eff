/** Has a paused app serve again. */

import { resumeApp } from "../../api/actions";
import { appQuery, appsQuery } from "../../api/queries";
import { queryClient } from "../../api/query-client";
import type { App } from "../../api/types";
import { useAction } from "../../api/use-action";
import { toast } from "../../ui/toast";

export function useResume() {
  return useAction((app: App) => resumeApp(app.id), {
    refreshes: [appsQuery.queryKey],
    onDone: (resumed) => {
      queryClient.setQueryData(appQuery(resumed.id).queryKey, resumed);
      toast.done(`${resumed.name} is being resumed. It serves again in a few seconds.`);
    },
  });
}
