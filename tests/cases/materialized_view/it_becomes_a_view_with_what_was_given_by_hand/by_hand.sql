REVOKE INSERT ON v FROM vk_reader;
GRANT SELECT ON v TO vk_reader WITH GRANT OPTION;
COMMENT ON MATERIALIZED VIEW v IS 'It''s by hand: $viewkeeper$ \ {facts}';
