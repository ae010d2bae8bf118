CREATE FUNCTION decade(age smallint) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT age / 10';
CREATE VIEW decades AS SELECT id, decade(age) AS decade FROM users;
