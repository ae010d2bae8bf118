GRANT USAGE ON TYPE floatrange TO vk_reader;
REVOKE USAGE ON TYPE floatrange FROM PUBLIC;
