CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL);
GRANT CREATE ON SCHEMA public TO vk_writer;
GRANT SELECT ON users TO vk_writer;
