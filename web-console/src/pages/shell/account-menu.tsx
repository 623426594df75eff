/** Who is signed in, the theme, and the way out. */

import { Menu } from "@base-ui/react/menu";
import { useNavigate } from "react-router";
import { pages } from "../../path-builder";
import { Icon } from "../../ui/icon";
import { initials } from "../../ui/format";
import { chooseTheme, useThemeChoice, type ThemeChoice } from "../../ui/theme";
import { useSession } from "./session";
import { useLogOut } from "./use-log-out";

const themes: { value: ThemeChoice; label: string }[] = [
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
  { value: "system", label: "As the system" },
];

function ThemeItems() {
  const theme = useThemeChoice();
  return (
    <Menu.Group>
      <Menu.GroupLabel className="menu-label">Theme</Menu.GroupLabel>
      <Menu.RadioGroup value={theme} onValueChange={(value: ThemeChoice) => chooseTheme(value)}>
        {themes.map(({ value, label }) => (
          <Menu.RadioItem key={value} value={value} className="menu-item" closeOnClick={false}>
            <span className="menu-check">
              <Menu.RadioItemIndicator>
                <Icon name="check" size={14} />
              </Menu.RadioItemIndicator>
            </span>
            {label}
          </Menu.RadioItem>
        ))}
      </Menu.RadioGroup>
    </Menu.Group>
  );
}

export function AccountMenu({ compact = false }: { compact?: boolean }) {
  const { account } = useSession();
  const navigate = useNavigate();
  const logOut = useLogOut();
  return (
    <Menu.Root>
      <Menu.Trigger className={compact ? "account-trigger account-trigger-compact" : "account-trigger"}>
        <span className="sr-only">Account</span>
        <span className="glyph glyph-round" aria-hidden="true">
          {initials(account.email)}
        </span>
        <span className={compact ? "sr-only" : "account-email"}>{account.email}</span>
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={6} align={compact ? "end" : "start"} className="layer">
          <Menu.Popup className="menu">
            <Menu.Item className="menu-item" onClick={() => void navigate(pages.account())}>
              <Icon name="account" />
              Account, sessions and tokens
            </Menu.Item>
            <Menu.Separator className="menu-line" />
            <ThemeItems />
            <Menu.Separator className="menu-line" />
            <Menu.Item className="menu-item" onClick={logOut}>
              <Icon name="logOut" />
              Log out
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
