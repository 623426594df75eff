/** The frame of a page: rail, top line, content, and on a phone the tabs at the bottom. */

import { useEffect, useRef, type ReactNode } from "react";
import { Link, NavLink, useLocation } from "react-router";
import type { App } from "../../api/types";
import { pages } from "../../path-builder";
import { Icon, Logo, type IconName } from "../../ui/icon";
import { AccountMenu } from "./account-menu";
import { AppSwitcher } from "./app-switcher";
import { openPalette, paletteKeys } from "./palette-state";

export type Area = { to: string; label: string; icon: IconName; end?: boolean };
export type Crumb = { label: string; to?: string };

function areasOf(app: App | undefined): Area[] {
  if (app === undefined) {
    return [
      { to: pages.apps(), label: "Apps", icon: "apps", end: true },
      { to: pages.account(), label: "Account", icon: "account" },
    ];
  }
  return [
    { to: pages.app(app.id), label: "Start", icon: "start", end: true },
    { to: pages.appActivity(app.id), label: "Activity", icon: "activity" },
    { to: pages.appEngine(app.id), label: "Engine", icon: "engine" },
    { to: pages.appSettings(app.id), label: "Settings", icon: "settings" },
  ];
}

function AreaLink({ area, className }: { area: Area; className: string }) {
  return (
    <NavLink to={area.to} end={area.end === true} className={className}>
      <Icon name={area.icon} />
      {area.label}
    </NavLink>
  );
}

function TopLine({ crumbs, chip }: { crumbs: Crumb[]; chip: ReactNode }) {
  return (
    <header className="top">
      <nav className="crumbs" aria-label="Where you are">
        {crumbs.map(({ label, to }, index) => (
          <span key={label + String(index)} className="crumb">
            {to === undefined ? <b aria-current="page">{label}</b> : <Link to={to}>{label}</Link>}
          </span>
        ))}
      </nav>
      {chip}
      <span className="grow" />
      <button type="button" className="search" onClick={openPalette} aria-keyshortcuts="Meta+K Control+K">
        <span className="sr-only">Search or run a command</span>
        <Icon name="search" />
        <span className="search-words" aria-hidden="true">
          Search or run a command
        </span>
        <kbd className="kbd" aria-hidden="true">
          {paletteKeys}
        </kbd>
      </button>
      <div className="top-account">
        <AccountMenu compact />
      </div>
    </header>
  );
}

/** A new page starts at its top, and the keyboard starts there too. */
function useFreshStart() {
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    window.scrollTo(0, 0);
    const inside = main.current?.contains(document.activeElement) === true && document.activeElement !== document.body;
    if (!inside) main.current?.focus({ preventScroll: true });
  }, [pathname]);
  return main;
}

type ShellProps = { app?: App | undefined; crumbs: Crumb[]; chip?: ReactNode; children: ReactNode };

export function Shell({ app, crumbs, chip, children }: ShellProps) {
  const main = useFreshStart();
  const areas = areasOf(app);
  const tabs: Area[] = app === undefined ? areas : [{ to: pages.apps(), label: "Apps", icon: "apps", end: true }, ...areas];
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <aside className="rail">
        <Link to={pages.apps()} className="brand">
          <Logo />
          Slipway
        </Link>
        {app === undefined ? null : <AppSwitcher app={app} />}
        <nav className="rail-nav" aria-label={app === undefined ? "Console" : `Areas of ${app.name}`}>
          {areas.map((area) => (
            <AreaLink key={area.to} area={area} className="rail-item" />
          ))}
        </nav>
        <span className="grow" />
        <AccountMenu />
      </aside>
      <div className="column">
        <TopLine crumbs={crumbs} chip={chip} />
        <main id="main" ref={main} tabIndex={-1}>
          {children}
        </main>
      </div>
      <nav className="tabs-bottom" aria-label="Areas">
        {tabs.map((area) => (
          <AreaLink key={area.to} area={area} className="tab-bottom" />
        ))}
      </nav>
    </div>
  );
}
