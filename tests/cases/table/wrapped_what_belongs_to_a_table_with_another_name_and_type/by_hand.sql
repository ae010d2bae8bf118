GRANT SELECT ON names TO vk_reader;
