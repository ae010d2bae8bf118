CREATE FUNCTION people_count() RETURNS bigint LANGUAGE sql STABLE SET search_path = app AS 'SELECT count(*) FROM people';
CREATE VIEW app.people AS SELECT id FROM app.users;
