GRANT SELECT (id), UPDATE (name) ON users TO vk_reader;
