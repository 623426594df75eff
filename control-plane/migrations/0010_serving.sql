-- Whether an app answers requests, as its region last said: also while it is given something new, or fails to take it.

ALTER TABLE apps
    ADD COLUMN observed_serving boolean NOT NULL DEFAULT false;

UPDATE apps
SET observed_serving = true
WHERE observed_state = 'ready';
