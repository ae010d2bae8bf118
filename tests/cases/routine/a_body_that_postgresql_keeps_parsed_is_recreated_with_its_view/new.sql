CREATE VIEW people AS SELECT name, id FROM users;
CREATE FUNCTION people_count() RETURNS bigint LANGUAGE sql STABLE BEGIN ATOMIC SELECT count(*) FROM people; END;
CREATE VIEW summary AS SELECT people_count() AS people;
