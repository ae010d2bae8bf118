CREATE MATERIALIZED VIEW people AS SELECT id, name FROM users;
CREATE UNIQUE INDEX by_id ON people (id);
CREATE INDEX by_name ON people (name);
CREATE INDEX by_both ON people (id, name);
CREATE INDEX told ON people (name, id);
COMMENT ON INDEX told IS 'Declared.';
