CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL);
CREATE SCHEMA app;
CREATE TABLE app.things (id integer);
GRANT USAGE ON SCHEMA app TO vk_reader;
