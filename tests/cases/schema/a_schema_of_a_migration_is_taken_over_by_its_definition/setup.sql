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
CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL);
CREATE SCHEMA app;
CREATE TABLE app.things (id integer);
GRANT USAGE ON SCHEMA app TO vk_reader;
