-- How a person (session cookie) or a script (API token) proves who it is. Only hashes are kept.

CREATE TABLE sessions (
    id           text        PRIMARY KEY CHECK (id ~ '^ses_[0-9a-z]{26}$'),
    account_id   text        NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    token_sha256 bytea       NOT NULL UNIQUE CHECK (length(token_sha256) = 32),
    ip           text        NOT NULL,
    user_agent   text        NOT NULL,
    created_at   timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL CHECK (expires_at > created_at)
);

CREATE INDEX sessions_by_account ON sessions (account_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE api_tokens (
    id           text        PRIMARY KEY CHECK (id ~ '^tok_[0-9a-z]{26}$'),
    account_id   text        NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name         text        NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    prefix       text        NOT NULL,
    token_sha256 bytea       NOT NULL UNIQUE CHECK (length(token_sha256) = 32),
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL CHECK (expires_at > created_at),
    last_used_at timestamptz
);

CREATE INDEX api_tokens_by_account ON api_tokens (account_id);
