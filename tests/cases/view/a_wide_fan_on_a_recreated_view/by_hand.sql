GRANT SELECT ON f3 TO vk_reader;
ALTER VIEW f5 OWNER TO vk_writer;
