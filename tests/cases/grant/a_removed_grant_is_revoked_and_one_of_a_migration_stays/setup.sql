DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'vk_reader') THEN
        CREATE ROLE vk_reader;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'vk_writer') THEN
        CREATE ROLE vk_writer;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;
CREATE SCHEMA app;
CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL, email text CONSTRAINT has_at CHECK (email LIKE '%@%'));
CREATE INDEX users_by_name ON users (name);
CREATE SEQUENCE numbers;
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE DOMAIN app.age AS integer CHECK (VALUE > 0);
CREATE FUNCTION twice(integer) RETURNS integer LANGUAGE sql AS 'SELECT $1 * 2';
GRANT DELETE, UPDATE (name) ON users TO vk_reader;
