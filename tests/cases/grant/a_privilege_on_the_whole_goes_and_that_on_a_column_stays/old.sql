GRANT SELECT ON users TO vk_reader;
GRANT SELECT (id), UPDATE (name) ON users TO vk_reader;
