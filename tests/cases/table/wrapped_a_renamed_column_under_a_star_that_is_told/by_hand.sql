GRANT SELECT (name) ON people TO vk_reader;
