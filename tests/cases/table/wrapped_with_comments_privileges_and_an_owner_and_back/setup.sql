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
CREATE TABLE users (id integer PRIMARY KEY, name varchar(40) NOT NULL, email text);
COMMENT ON TABLE users IS 'who writes';
COMMENT ON COLUMN users.email IS 'not checked';
GRANT SELECT (id, email) ON users TO vk_reader;
GRANT INSERT ON users TO PUBLIC;
