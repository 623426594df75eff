/** Create an account. The next step is the first app. */

import { Link, useSearchParams } from "react-router";
import { changeSession } from "../../api/query-client";
import { AccountSignupForm } from "../../forms/account-signup";
import { pages, safeNext } from "../../path-builder";
import { usePageTitle } from "../../ui/page-title";
import { Door } from "./door";

export function SignupPage() {
  usePageTitle("Create an account");
  const [params] = useSearchParams();
  const next = params.get("next");
  return (
    <Door
      title="Create an account"
      leadsTo={next === null ? pages.appCreate() : safeNext(next)}
      foot={
        <>
          Have an account? <Link to={pages.login(next ?? undefined)}>Log in</Link>
        </>
      }
    >
      <p className="muted">A production backend for your app, running seconds from now.</p>
      <AccountSignupForm onDone={changeSession} />
    </Door>
  );
}
