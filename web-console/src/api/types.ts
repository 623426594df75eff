/** The shapes the control plane speaks, by the names the console uses. */

export type Role = "owner" | "admin" | "member" | "viewer";
export type Account = { id: string; email: string; created_at: string };
export type Organization = { id: string; name: string; role: string };
export type Session = { account: Account; organizations: Organization[]; csrf_token: string };

export type AppStatus = "provisioning" | "ready" | "restarting" | "failing" | "deleted";
export type App = {
  id: string;
  name: string;
  organization_id: string;
  region: string;
  status: AppStatus;
  status_message?: string | null;
  url?: string | null;
  application_id: string;
  stage: string;
  first_request_at?: string | null;
  created_at: string;
  updated_at: string;
  deleted_at?: string | null;
  purge_after?: string | null;
};
export type AppList = { apps: App[]; next_cursor?: string | null };
export type Region = { id: string; name: string };
export type AppKeys = { application_id: string; client_key: string; javascript_key: string; rest_key: string };

export type MeterValue = { quantity: number; unit: string; included?: number | null };
export type Usage = {
  period: { start: string; end: string };
  as_of?: string | null;
  meters: Record<string, MeterValue>;
  first_request_at?: string | null;
};

export type SessionEntry = {
  id: string;
  created_at: string;
  last_seen_at: string;
  ip?: string | null;
  user_agent?: string | null;
  current: boolean;
};
export type Token = {
  id: string;
  name: string;
  prefix: string;
  created_at: string;
  expires_at: string;
  last_used_at?: string | null;
};
export type NewToken = { token: string; id: string; name: string; created_at: string; expires_at: string };

export type AuditEntry = {
  id: string;
  at: string;
  actor: { kind: string; id?: string | null; label: string };
  action: string;
  app_id?: string | null;
  ip?: string | null;
  before?: unknown;
  after?: unknown;
};
export type AuditPage = { entries: AuditEntry[]; next_cursor?: string | null };
