GRANT TRUNCATE ON users TO vk_writer;
