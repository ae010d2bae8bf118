CREATE FUNCTION folded(text) RETURNS varchar LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)::varchar';
CREATE MATERIALIZED VIEW people AS SELECT id, name FROM users;
CREATE INDEX people_folded ON people (folded(name));
