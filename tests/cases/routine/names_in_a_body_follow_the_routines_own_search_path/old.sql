CREATE FUNCTION people_count() RETURNS bigint LANGUAGE sql STABLE SET search_path = app AS 'SELECT count(*) FROM users';
