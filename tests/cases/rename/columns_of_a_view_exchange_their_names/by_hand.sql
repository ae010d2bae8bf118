GRANT SELECT (one) ON v TO vk_reader;
