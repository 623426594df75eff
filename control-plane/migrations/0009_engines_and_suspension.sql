-- What an app runs on, as its owner chose it, and why it does not serve while it must not.

ALTER TABLE apps
    ADD COLUMN engine            text    NOT NULL DEFAULT 'dev' CHECK (engine IN ('dev', 's', 'm', 'l', 'xl')),
    ADD COLUMN replicas_min      integer NOT NULL DEFAULT 1 CHECK (replicas_min BETWEEN 1 AND 20),
    ADD COLUMN replicas_max      integer CHECK (replicas_max BETWEEN replicas_min AND 20),
    ADD COLUMN high_availability boolean NOT NULL DEFAULT false,
    ADD COLUMN suspension        text CHECK (suspension IN
        ('user_requested', 'trial_expired', 'payment_overdue', 'spend_cap_reached', 'abuse_hold')),
    ADD COLUMN suspended_at      timestamptz,
    ADD CHECK ((suspension IS NULL) = (suspended_at IS NULL)),
    ADD CHECK (NOT high_availability OR replicas_min >= 3);
