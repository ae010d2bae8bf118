GRANT SELECT ON w TO vk_reader;
COMMENT ON COLUMN w.name IS 'Given by hand.';
GRANT SELECT (name) ON top TO vk_writer;
