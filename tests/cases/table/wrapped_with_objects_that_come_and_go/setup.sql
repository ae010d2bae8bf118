CREATE TABLE users (id integer NOT NULL, name varchar(40) NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE first_users (id integer NOT NULL, name varchar(40) NOT NULL);
CREATE TABLE people (id integer, name varchar(40));
CREATE TABLE guests (id integer, name varchar(40));
CREATE FUNCTION shout(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT upper($1) || ''!''';
COMMENT ON FUNCTION shout(text) IS 'loud';
GRANT EXECUTE ON FUNCTION shout(text) TO vk_reader;
CREATE TYPE mood AS ENUM ('sad', 'glad');
