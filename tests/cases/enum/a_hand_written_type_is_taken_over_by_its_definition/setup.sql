DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'vk_reader') THEN
        CREATE ROLE vk_reader;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'vk_writer') THEN
        CREATE ROLE vk_writer;
    END IF;
END $$;
CREATE TYPE mood AS ENUM ('sad', 'happy');
GRANT USAGE ON TYPE mood TO vk_reader;
CREATE TABLE people (id bigint, mood mood);
CREATE TYPE other AS ENUM ('left', 'alone');
