-- What owners set of their apps, in Parse Server's option names. Secrets among it are null here and lie sealed in
-- app_secrets, as kind `settings`.

ALTER TABLE apps
    ADD COLUMN settings         jsonb  NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(settings) = 'object'),
    ADD COLUMN settings_version bigint NOT NULL DEFAULT 0 CHECK (settings_version >= 0);

ALTER TABLE app_secrets
    DROP CONSTRAINT app_secrets_kind_check,
    ADD CONSTRAINT app_secrets_kind_check CHECK (kind IN
        ('client_key', 'javascript_key', 'rest_key', 'master_key', 'database_password', 'usage_token', 'settings'));
