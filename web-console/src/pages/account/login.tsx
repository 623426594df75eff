/** Log in, and come back to where a session ended. */

import { Link, useSearchParams } from "react-router";
import { AccountLoginForm } from "../../forms/account-login";
import { pages } from "../../path-builder";
import { usePageTitle } from "../../ui/page-title";
import { Door, useEnter } from "./door";

export function LoginPage() {
  usePageTitle("Log in");
  const enter = useEnter();
  const [params] = useSearchParams();
  const next = params.get("next") ?? undefined;
  return (
    <Door
      title="Log in"
      foot={
        <>
          New here? <Link to={pages.signup(next)}>Create an account</Link>
        </>
      }
    >
      {next === undefined ? null : <p className="muted">Log in to go on where you were.</p>}
      <AccountLoginForm onDone={enter} />
    </Door>
  );
}
