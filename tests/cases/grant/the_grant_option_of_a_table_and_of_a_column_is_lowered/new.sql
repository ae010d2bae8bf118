GRANT SELECT ON users TO vk_reader;
GRANT UPDATE (name) ON users TO vk_reader;
