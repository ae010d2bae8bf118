GRANT SELECT ON w TO vk_reader;
COMMENT ON COLUMN w.id IS 'Given by hand.';
