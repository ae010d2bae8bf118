GRANT SELECT ON b TO vk_reader;
