GRANT SELECT ON reports.x TO vk_reader;
