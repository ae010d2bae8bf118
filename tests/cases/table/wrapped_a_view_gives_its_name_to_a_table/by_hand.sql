GRANT SELECT ON often TO vk_reader;
COMMENT ON COLUMN often.name IS 'twice at least';
