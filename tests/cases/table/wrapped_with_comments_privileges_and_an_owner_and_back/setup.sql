CREATE TABLE users (id integer PRIMARY KEY, name varchar(40) NOT NULL, email text);
COMMENT ON TABLE users IS 'who writes';
COMMENT ON COLUMN users.email IS 'not checked';
GRANT SELECT (id, email) ON users TO vk_reader;
GRANT INSERT ON users TO PUBLIC;
