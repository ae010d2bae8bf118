CREATE FUNCTION named(prefix text) RETURNS TABLE (id bigint, name text) LANGUAGE sql STABLE ROWS 10 AS $body$
    SELECT id, name FROM users WHERE name LIKE prefix || '%'
$body$;
CREATE VIEW with_a AS SELECT id, name FROM named('A');
