/** The account: who I am, where I am signed in, and tokens for scripts. */

import { usePageTitle } from "../../ui/page-title";
import { Panel } from "../../ui/panel";
import { useSession } from "../shell/session";
import { Shell } from "../shell/shell";
import { Choice } from "../../ui/choice";
import { chooseTheme, useThemeChoice, type ThemeChoice } from "../../ui/theme";
import { SessionsPanel } from "./sessions-panel";
import { TokensPanel } from "./tokens-panel";

const themes = [
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
  { value: "system", label: "As the system" },
];

function ProfilePanel() {
  const { account, organizations } = useSession();
  return (
    <Panel title="You">
      <dl className="keys">
        <div className="key-row">
          <dt className="small muted">E-mail</dt>
          <dd className="key-value break">{account.email}</dd>
        </div>
        {organizations.map(({ id, name, role }) => (
          <div key={id} className="key-row">
            <dt className="small muted">Organization</dt>
            <dd className="key-value break">
              {name} <span className="muted small">({role})</span>
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

export default function AccountPage() {
  usePageTitle("Account");
  const theme = useThemeChoice();
  return (
    <Shell crumbs={[{ label: "Account" }]}>
      <div className="narrow stack">
        <h1>Account</h1>
        <ProfilePanel />
        <SessionsPanel />
        <TokensPanel />
        <div className="panel panel-body">
          <Choice legend="Theme" options={themes} value={theme} onChange={(value) => chooseTheme(value as ThemeChoice)} />
        </div>
      </div>
    </Shell>
  );
}
