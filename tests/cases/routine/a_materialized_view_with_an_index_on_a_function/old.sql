CREATE FUNCTION folded(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)';
CREATE MATERIALIZED VIEW people AS SELECT id, name FROM users;
CREATE INDEX people_folded ON people (folded(name));
