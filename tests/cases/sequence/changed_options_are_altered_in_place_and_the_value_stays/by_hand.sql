SELECT setval('numbers', 4711);
GRANT USAGE ON SEQUENCE numbers TO vk_writer;
