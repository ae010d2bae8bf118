CREATE DOMAIN price AS numeric CONSTRAINT positive CHECK (VALUE > 0);
COMMENT ON CONSTRAINT positive ON DOMAIN price IS 'nothing is for free';
COMMENT ON DOMAIN price IS 'in euros';
ALTER DOMAIN price OWNER TO vk_writer;
