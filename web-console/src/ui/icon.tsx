/** The console's icons: 24 px grid, drawn with the current colour. Decorative; the word next to them carries the meaning. */

const shapes = {
  account: "M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8M4 20c2-5 14-5 16 0",
  activity: "M3 12h4l3-7 4 14 3-7h4",
  alert: "M12 4 2.8 20h18.4zM12 10v4.5M12 17.2v.3",
  apps: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
  check: "m5 12.5 4.5 4.5L19 7.5",
  chevronDown: "m7 10 5 5 5-5",
  chevronRight: "m10 7 5 5-5 5",
  close: "M6 6l12 12M18 6 6 18",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  engine: "M7 7h10v10H7zM10 10h4v4h-4zM9.5 3v4M14.5 3v4M9.5 17v4M14.5 17v4M3 9.5h4M3 14.5h4M17 9.5h4M17 14.5h4",
  eye: "M2.5 12c4-8 15-8 19 0-4 8-15 8-19 0M12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6",
  key: "M14.5 4a5.5 5.5 0 1 1-2.3 10.5L10 17H8v2H6v2H3v-3l6.2-6.2A5.5 5.5 0 0 1 14.5 4M16 8.5v.1",
  logOut: "M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9",
  monitor: "M3 5h18v11H3zM9 20h6M12 16v4",
  moon: "M20 14.5A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.5 10.5",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  pause: "M8 5v14M16 5v14",
  play: "M7 4.5v15l12-7.5z",
  plus: "M12 5v14M5 12h14",
  restore: "M4 5v5h5M4.6 10A8 8 0 1 1 4 13.5",
  search: "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13M15.5 15.5 20 20",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5",
  start: "M4 12 12 4l8 8v8H4z",
  sun: "M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
} as const;

export type IconName = keyof typeof shapes;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === "more" ? 2.6 : 1.7}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={shapes[name]} />
    </svg>
  );
}

export function Logo() {
  return (
    <svg className="logo" width="22" height="22" viewBox="0 0 24 24" fill="none" aria-hidden="true">
      <path d="M3 17.5 21 6" stroke="var(--accent)" strokeWidth="2.4" strokeLinecap="round" />
      <path d="M6.5 10.5 17 3.8l-1 4.6-8 5.1z" fill="var(--ink)" />
      <path d="M3 21h18" stroke="var(--ink-3)" strokeWidth="2" strokeLinecap="round" />
    </svg>
  );
}
