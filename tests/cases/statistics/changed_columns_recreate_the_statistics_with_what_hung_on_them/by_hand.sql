COMMENT ON STATISTICS places IS 'by hand';
ALTER STATISTICS places OWNER TO vk_writer;
