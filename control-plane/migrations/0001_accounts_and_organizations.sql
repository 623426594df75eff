-- People, the organizations that own apps, and who may do what in them.

CREATE TABLE accounts (
    id            text        PRIMARY KEY CHECK (id ~ '^acc_[0-9a-z]{26}$'),
    email         text        NOT NULL UNIQUE CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
    password_hash text        NOT NULL,
    created_at    timestamptz NOT NULL
);

CREATE TABLE organizations (
    id         text        PRIMARY KEY CHECK (id ~ '^org_[0-9a-z]{26}$'),
    name       text        NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    created_at timestamptz NOT NULL
);

CREATE TABLE memberships (
    organization_id text        NOT NULL REFERENCES organizations (id),
    account_id      text        NOT NULL REFERENCES accounts (id),
    role            text        NOT NULL CHECK (role IN ('owner', 'admin', 'member', 'viewer')),
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (organization_id, account_id)
);

CREATE INDEX memberships_by_account ON memberships (account_id);

-- Failed attempts by subject ("login:<e-mail>", "reveal:<account id>"). The subject need not exist:
-- an unknown e-mail locks exactly as a known one does, so the lock tells nothing about accounts.
CREATE TABLE failed_attempts (
    subject        bytea       PRIMARY KEY CHECK (length(subject) = 32),
    failures       integer     NOT NULL CHECK (failures > 0),
    last_failed_at timestamptz NOT NULL,
    locked_until   timestamptz
);

CREATE INDEX failed_attempts_by_age ON failed_attempts (last_failed_at);
