/** Create an app. */

import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { appQuery, regionsQuery } from "../../api/queries";
import { queryClient } from "../../api/query-client";
import { AppCreateForm } from "../../forms/app-create";
import { pages } from "../../path-builder";
import { FailedNotice } from "../../ui/notice";
import { usePageTitle } from "../../ui/page-title";
import { SkeletonRows } from "../../ui/skeleton";
import { Shell } from "../shell/shell";

export default function AppCreatePage() {
  usePageTitle("New app");
  const navigate = useNavigate();
  const regions = useQuery(regionsQuery);
  return (
    <Shell crumbs={[{ label: "Apps", to: pages.apps() }, { label: "New app" }]}>
      <div className="narrow">
        <h1>New app</h1>
        <p className="muted">One backend with its own database, users and keys. It is ready in a few seconds.</p>
        <div className="panel panel-body">
          {regions.isPending ? (
            <SkeletonRows label="regions" />
          ) : regions.data === undefined ? (
            <FailedNotice what="The list of regions" error={regions.error} onRetry={() => void regions.refetch()} />
          ) : (
            <AppCreateForm
              regions={regions.data}
              onDone={(app) => {
                queryClient.setQueryData(appQuery(app.id).queryKey, app);
                void navigate(pages.app(app.id));
              }}
            />
          )}
        </div>
      </div>
    </Shell>
  );
}
