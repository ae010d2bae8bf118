CREATE TYPE address AS (street text, city text);
CREATE FUNCTION zip_of(address) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1.street';
