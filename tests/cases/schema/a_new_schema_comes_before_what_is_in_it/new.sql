CREATE VIEW app.names AS SELECT name FROM users;
CREATE FUNCTION app.twice(integer) RETURNS integer LANGUAGE sql AS 'SELECT $1 * 2';
CREATE SEQUENCE app.numbers;
CREATE SCHEMA app AUTHORIZATION vk_writer;
COMMENT ON SCHEMA app IS 'The application''s.';
GRANT USAGE ON SCHEMA app TO vk_reader;
