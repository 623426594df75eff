-- Answers to POSTs that carried an Idempotency-Key. `status` is null while the first request runs.
-- Bodies may hold keys, so they are sealed like any secret.

CREATE TABLE idempotency_keys (
    caller         text        NOT NULL,
    key            text        NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    request_sha256 bytea       NOT NULL CHECK (length(request_sha256) = 32),
    status         smallint,
    key_id         text,
    sealed_body    bytea,
    created_at     timestamptz NOT NULL,
    PRIMARY KEY (caller, key),
    CHECK ((status IS NULL) = (sealed_body IS NULL) AND (status IS NULL) = (key_id IS NULL))
);

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
