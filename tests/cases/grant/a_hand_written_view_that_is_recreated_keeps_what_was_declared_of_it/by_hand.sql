GRANT SELECT (id) ON above TO vk_writer;
