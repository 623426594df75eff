/** The app in view, and the way to another one. */

import { Menu } from "@base-ui/react/menu";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { appsQuery, regionsQuery } from "../../api/queries";
import type { App } from "../../api/types";
import { pages } from "../../path-builder";
import { initials } from "../../ui/format";
import { Icon } from "../../ui/icon";
import { regionTrouble } from "../../ui/region-words";

export function Glyph({ name }: { name: string }) {
  return (
    <span className="glyph" aria-hidden="true">
      {initials(name)}
    </span>
  );
}

/** "Europe" for `eu`; the id until the names have arrived. */
export function useRegionName(id: string): string {
  const { data } = useQuery(regionsQuery);
  return data?.find((region) => region.id === id)?.name ?? id.toUpperCase();
}

/** Why nothing can be changed in the region, in two words; null when it can. */
export function useRegionTrouble(id: string): string | null {
  const { data } = useQuery(regionsQuery);
  const region = data?.find((entry) => entry.id === id);
  return region === undefined ? null : (regionTrouble(region)?.short ?? null);
}

function OtherApps({ current }: { current: App }) {
  const navigate = useNavigate();
  const { data = [] } = useQuery(appsQuery);
  const others = data.filter((app) => app.id !== current.id && app.status !== "deleted");
  return (
    <>
      {others.map((app) => (
        <Menu.Item key={app.id} className="menu-item" onClick={() => void navigate(pages.app(app.id))}>
          <Glyph name={app.name} />
          <span className="cut">{app.name}</span>
        </Menu.Item>
      ))}
      {others.length === 0 ? null : <Menu.Separator className="menu-line" />}
    </>
  );
}

export function AppSwitcher({ app }: { app: App }) {
  const navigate = useNavigate();
  const region = useRegionName(app.region);
  return (
    <Menu.Root>
      <Menu.Trigger className="switcher">
        <span className="sr-only">Switch app, now</span>
        <Glyph name={app.name} />
        <span className="switcher-words">
          <span className="switcher-name cut">{app.name}</span>
          <span className="xs muted cut">{region}</span>
        </span>
        <Icon name="chevronDown" />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={6} align="start" className="layer">
          <Menu.Popup className="menu menu-wide">
            <OtherApps current={app} />
            <Menu.Item className="menu-item" onClick={() => void navigate(pages.apps())}>
              <Icon name="apps" />
              All apps
            </Menu.Item>
            <Menu.Item className="menu-item" onClick={() => void navigate(pages.appCreate())}>
              <Icon name="plus" />
              New app
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
