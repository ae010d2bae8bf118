GRANT UPDATE ON users TO vk_writer;
