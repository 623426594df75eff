-- Who changed what, when, from where. Rows are only ever added, and the database itself insists.

CREATE TABLE audit_log (
    id              text        PRIMARY KEY CHECK (id ~ '^aud_[0-9a-z]{26}$'),
    at              timestamptz NOT NULL,
    organization_id text,
    app_id          text,
    actor_kind      text        NOT NULL CHECK (actor_kind IN ('person', 'token', 'system')),
    actor_id        text        NOT NULL,
    actor_label     text        NOT NULL,
    account_id      text,
    action          text        NOT NULL,
    ip              text,
    before          jsonb,
    after           jsonb
);

CREATE INDEX audit_log_by_organization ON audit_log (organization_id, id);
CREATE INDEX audit_log_by_app ON audit_log (app_id, id);
CREATE INDEX audit_log_by_account ON audit_log (account_id, id) WHERE organization_id IS NULL;

CREATE FUNCTION audit_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_log is append-only' USING ERRCODE = 'restrict_violation';
END;
$$;

CREATE TRIGGER audit_log_no_change BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION audit_log_is_append_only();
CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_log_is_append_only();
