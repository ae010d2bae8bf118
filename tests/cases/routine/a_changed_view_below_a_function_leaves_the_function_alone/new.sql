CREATE VIEW people AS SELECT name, id FROM users;
CREATE FUNCTION people_count() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM people';
