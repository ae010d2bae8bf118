CREATE FUNCTION base(integer) RETURNS smallint LANGUAGE sql IMMUTABLE AS 'SELECT $1::smallint';
