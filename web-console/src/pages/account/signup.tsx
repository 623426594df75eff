/** Create an account. The next step is the first app. */

import { Link, useSearchParams } from "react-router";
import { AccountSignupForm } from "../../forms/account-signup";
import { pages } from "../../path-builder";
import { usePageTitle } from "../../ui/page-title";
import { Door, useEnter } from "./door";

export function SignupPage() {
  usePageTitle("Create an account");
  const enter = useEnter(pages.appCreate());
  const [params] = useSearchParams();
  return (
    <Door
      title="Create an account"
      foot={
        <>
          Have an account? <Link to={pages.login(params.get("next") ?? undefined)}>Log in</Link>
        </>
      }
    >
      <p className="muted">A production backend for your app, running seconds from now.</p>
      <AccountSignupForm onDone={enter} />
    </Door>
  );
}
