GRANT SELECT, DELETE ON users TO vk_reader;
GRANT UPDATE (name, email) ON users TO vk_reader;
GRANT USAGE ON SCHEMA app TO vk_reader;
