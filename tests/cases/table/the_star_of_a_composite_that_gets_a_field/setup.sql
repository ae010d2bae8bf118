CREATE TYPE person AS (name text, age integer);
CREATE TABLE deeds (id integer, who person);
CREATE FUNCTION of_nobody() RETURNS SETOF person LANGUAGE sql AS 'SELECT NULL::person';
