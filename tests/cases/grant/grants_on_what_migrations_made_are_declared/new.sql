GRANT SELECT, INSERT ON users TO vk_reader;
GRANT USAGE ON SEQUENCE numbers TO vk_reader;
GRANT USAGE ON SCHEMA app TO vk_reader, vk_writer;
GRANT USAGE ON TYPE mood TO vk_reader WITH GRANT OPTION;
GRANT EXECUTE ON FUNCTION twice(integer) TO vk_reader WITH GRANT OPTION;
