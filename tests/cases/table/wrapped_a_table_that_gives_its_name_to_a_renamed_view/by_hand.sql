GRANT SELECT ON all_users TO vk_reader;
