-- Desired state of every app, what its region last reported, and its sealed secrets.

CREATE TABLE apps (
    id                  text        PRIMARY KEY CHECK (id ~ '^app_[0-9a-z]{26}$'),
    organization_id     text        NOT NULL REFERENCES organizations (id),
    name                text        NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    region              text        NOT NULL CHECK (region IN ('eu', 'na')),
    application_id      text        NOT NULL UNIQUE,
    stage               text        NOT NULL DEFAULT 'building' CHECK (stage IN ('building', 'live')),
    generation          bigint      NOT NULL DEFAULT 1 CHECK (generation > 0),
    observed_generation bigint      NOT NULL DEFAULT 0,
    observed_state      text        NOT NULL DEFAULT 'provisioning'
        CHECK (observed_state IN ('provisioning', 'ready', 'restarting', 'failing', 'stopped', 'purged')),
    observed_message    text,
    url                 text,
    usage_token_sha256  bytea       NOT NULL UNIQUE CHECK (length(usage_token_sha256) = 32),
    first_request_at    timestamptz,
    created_at          timestamptz NOT NULL,
    updated_at          timestamptz NOT NULL,
    deleted_at          timestamptz,
    purge_after         timestamptz,
    purged_at           timestamptz,
    CHECK (observed_generation <= generation),
    CHECK ((deleted_at IS NULL) = (purge_after IS NULL)),
    CHECK (purged_at IS NULL OR deleted_at IS NOT NULL)
);

CREATE INDEX apps_by_organization ON apps (organization_id, id);
CREATE INDEX apps_to_reconcile ON apps (region) WHERE purged_at IS NULL;

-- XChaCha20-Poly1305 under the key-encryption key `key_id`; table, app and kind are authenticated with
-- the text, so a row copied to another place does not open.
CREATE TABLE app_secrets (
    app_id     text        NOT NULL REFERENCES apps (id),
    kind       text        NOT NULL CHECK (kind IN
        ('client_key', 'javascript_key', 'rest_key', 'master_key', 'database_password', 'usage_token')),
    key_id     text        NOT NULL,
    sealed     bytea       NOT NULL,
    rotated_at timestamptz NOT NULL,
    PRIMARY KEY (app_id, kind)
);
