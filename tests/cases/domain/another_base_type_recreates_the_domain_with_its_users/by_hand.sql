GRANT USAGE ON DOMAIN code TO vk_reader;
REVOKE USAGE ON DOMAIN code FROM PUBLIC;
GRANT vk_writer TO CURRENT_USER;
ALTER DOMAIN eu_code OWNER TO vk_writer;
COMMENT ON DOMAIN eu_code IS 'by hand';
COMMENT ON CONSTRAINT eu_code_check ON DOMAIN eu_code IS 'by hand too';
