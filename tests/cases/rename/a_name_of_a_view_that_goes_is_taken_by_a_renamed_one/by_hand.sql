GRANT SELECT ON a TO vk_reader;
