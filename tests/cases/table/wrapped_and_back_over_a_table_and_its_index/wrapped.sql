CREATE TABLE notes (id integer, text text);
CREATE INDEX ON users (email);
ALTER TABLE users ALTER email SET DEFAULT 'none', ALTER id TYPE bigint, ALTER born SET NOT NULL, ADD CHECK (id > 0);
