ALTER TABLE users ALTER name TYPE text, ADD COLUMN shown text;
UPDATE users SET shown = upper(name) || coalesce(' (' || email || ')', '') WHERE born IS NULL;
UPDATE users SET shown = name WHERE shown IS NULL;
ALTER TABLE users ALTER shown SET NOT NULL;
CREATE TABLE mails (id serial PRIMARY KEY, user_id integer NOT NULL REFERENCES users, email text NOT NULL, seen timestamptz DEFAULT now());
WITH known AS (SELECT id, email FROM users WHERE email IS NOT NULL)
INSERT INTO mails (user_id, email) SELECT id, email FROM known;
DELETE FROM mails WHERE email = '';
