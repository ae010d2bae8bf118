GRANT SELECT (full_name) ON people TO vk_reader;
