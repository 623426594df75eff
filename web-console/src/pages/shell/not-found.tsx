/** An address without a page. */

import { pages } from "../../path-builder";
import { LinkButton } from "../../ui/button";
import { EmptyNotice } from "../../ui/notice";
import { usePageTitle } from "../../ui/page-title";
import { Shell } from "./shell";

export function NotFoundPage() {
  usePageTitle("No such page");
  return (
    <Shell crumbs={[{ label: "No such page" }]}>
      <EmptyNotice whole icon="search" title="There is no page at this address" action={<LinkButton to={pages.apps()}>Show all apps</LinkButton>}>
        It may have been mistyped, or the app may be gone.
      </EmptyNotice>
    </Shell>
  );
}
