CREATE TABLE users (id integer PRIMARY KEY, name varchar(40) NOT NULL);
CREATE FUNCTION one() RETURNS integer LANGUAGE sql AS 'SELECT 1';
