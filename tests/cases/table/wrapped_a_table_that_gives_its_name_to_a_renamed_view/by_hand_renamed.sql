GRANT SELECT ON users TO vk_reader;
