-- The usage ledger. Runtimes report cumulative counters per process; the ledger books increases.

-- The highest value ever seen of one counter of one runtime process.
CREATE TABLE usage_high_water (
    app_id   text   NOT NULL REFERENCES apps (id),
    instance text   NOT NULL CHECK (length(instance) BETWEEN 1 AND 64),
    counter  text   NOT NULL,
    highest  bigint NOT NULL CHECK (highest >= 0),
    PRIMARY KEY (app_id, instance, counter)
);

-- Booked increases, by UTC hour. `engine` is the compute size for the meter engine_time, else empty.
CREATE TABLE usage_hourly (
    app_id   text        NOT NULL REFERENCES apps (id),
    meter    text        NOT NULL CHECK (meter IN ('requests', 'data_transfer', 'jobs', 'engine_time')),
    engine   text        NOT NULL DEFAULT '',
    hour     timestamptz NOT NULL CHECK (hour = date_trunc('hour', hour, 'UTC')),
    quantity bigint      NOT NULL CHECK (quantity >= 0),
    PRIMARY KEY (app_id, meter, engine, hour)
);

-- Sizes, as last sampled in each UTC hour.
CREATE TABLE usage_gauges (
    app_id     text        NOT NULL REFERENCES apps (id),
    meter      text        NOT NULL CHECK (meter IN ('file_storage', 'database_storage')),
    hour       timestamptz NOT NULL CHECK (hour = date_trunc('hour', hour, 'UTC')),
    bytes      bigint      NOT NULL CHECK (bytes >= 0),
    sampled_at timestamptz NOT NULL,
    PRIMARY KEY (app_id, meter, hour)
);
