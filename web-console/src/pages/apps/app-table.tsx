/** Apps, one a line; on a phone each becomes a card. The whole line leads to the app. */

import { Link } from "react-router";
import type { App } from "../../api/types";
import { pages } from "../../path-builder";
import { Chip, StatusChip } from "../../ui/chip";
import { Time } from "../../ui/time";
import { Glyph, useRegionName, useRegionTrouble } from "../shell/app-switcher";

function AppLine({ app }: { app: App }) {
  const region = useRegionName(app.region);
  const trouble = useRegionTrouble(app.region);
  return (
    <tr className="table-line">
      <td>
        <span className="cell-name">
          <Glyph name={app.name} />
          <span className="cell-words">
            <Link to={pages.app(app.id)} className="cell-link cut" title={app.name}>
              {app.name}
            </Link>
            <span className="code xs muted cut">{app.application_id}</span>
          </span>
        </span>
      </td>
      <td>
        <StatusChip status={app.status} />
      </td>
      <td className="muted">
        {region} {trouble === null ? null : <Chip tone="warn">{trouble}</Chip>}
      </td>
      <td className="muted">{app.first_request_at ? <Time at={app.first_request_at} /> : "None yet"}</td>
      <td className="muted cell-end">
        <Time at={app.created_at} />
      </td>
    </tr>
  );
}

export function AppTable({ apps }: { apps: App[] }) {
  return (
    <table className="table table-cards">
      <thead>
        <tr>
          <th scope="col">App</th>
          <th scope="col">Status</th>
          <th scope="col">Region</th>
          <th scope="col">First request</th>
          <th scope="col" className="cell-end">
            Created
          </th>
        </tr>
      </thead>
      <tbody>
        {apps.map((app) => (
          <AppLine key={app.id} app={app} />
        ))}
      </tbody>
    </table>
  );
}
