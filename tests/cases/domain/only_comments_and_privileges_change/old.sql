CREATE DOMAIN price AS numeric CONSTRAINT positive CHECK (VALUE > 0);
COMMENT ON CONSTRAINT positive ON DOMAIN price IS 'nothing is free';
GRANT USAGE ON DOMAIN price TO vk_reader;
