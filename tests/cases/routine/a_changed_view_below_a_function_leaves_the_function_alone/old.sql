CREATE VIEW people AS SELECT id, name FROM users;
CREATE FUNCTION people_count() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM people';
