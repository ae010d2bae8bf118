GRANT SELECT, INSERT ON users TO vk_reader, vk_writer;
