/** Log in, and come back to where a session ended. */

import { Link, useSearchParams } from "react-router";
import { changeSession } from "../../api/query-client";
import { AccountLoginForm } from "../../forms/account-login";
import { pages, safeNext } from "../../path-builder";
import { usePageTitle } from "../../ui/page-title";
import { Door } from "./door";

export function LoginPage() {
  usePageTitle("Log in");
  const [params] = useSearchParams();
  const next = params.get("next");
  return (
    <Door
      title="Log in"
      leadsTo={safeNext(next)}
      foot={
        <>
          New here? <Link to={pages.signup(next ?? undefined)}>Create an account</Link>
        </>
      }
    >
      {next === null ? null : <p className="muted">Log in to go on where you were.</p>}
      <AccountLoginForm onDone={changeSession} />
    </Door>
  );
}
