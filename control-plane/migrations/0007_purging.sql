-- Set, under the row's lock, before the first byte of a deleted app's data is dropped: from here on the deletion
-- cannot be taken back.

ALTER TABLE apps
    ADD COLUMN purging_at timestamptz,
    ADD CHECK (purging_at IS NULL OR deleted_at IS NOT NULL);
