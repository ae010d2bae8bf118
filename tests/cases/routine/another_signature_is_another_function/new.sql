CREATE FUNCTION decade(age integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT age / 10';
CREATE VIEW decades AS SELECT id, decade(age) AS decade FROM users;
