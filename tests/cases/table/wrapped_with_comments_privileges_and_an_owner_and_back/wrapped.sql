ALTER TABLE users ALTER name TYPE text;
COMMENT ON TABLE users IS 'who writes and reads';
COMMENT ON COLUMN users.email IS NULL;
COMMENT ON COLUMN users.name IS 'as long as it is';
GRANT SELECT, UPDATE (name) ON users TO vk_reader WITH GRANT OPTION;
REVOKE INSERT ON users FROM PUBLIC;
ALTER TABLE users OWNER TO vk_writer;
