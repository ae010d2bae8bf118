GRANT SELECT (two) ON v TO vk_reader;
