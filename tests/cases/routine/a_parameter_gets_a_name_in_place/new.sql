CREATE FUNCTION doubled(number integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT number * 2';
