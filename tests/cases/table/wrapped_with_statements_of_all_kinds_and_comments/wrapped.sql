-- First a new table.
CREATE TABLE notes (id integer, text text);
CREATE INDEX ON notes (text);
SET LOCAL search_path TO public;
ALTER TABLE users ALTER email SET DEFAULT 'none', ALTER id TYPE bigint, ALTER email SET NOT NULL;
ALTER TABLE users ADD CONSTRAINT positive CHECK (id > 0);
DO $$ BEGIN NULL; END $$; -- ; the end
