CREATE SCHEMA app;
CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL, email text CONSTRAINT has_at CHECK (email LIKE '%@%'));
CREATE INDEX users_by_name ON users (name);
CREATE SEQUENCE numbers;
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE DOMAIN app.age AS integer CHECK (VALUE > 0);
CREATE FUNCTION twice(integer) RETURNS integer LANGUAGE sql AS 'SELECT $1 * 2';
ALTER TABLE users OWNER TO vk_writer;
