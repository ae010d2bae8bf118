COMMENT ON DATABASE postgres IS 'ours';
GRANT CONNECT ON DATABASE postgres TO vk_reader;
GRANT vk_writer TO vk_reader;
