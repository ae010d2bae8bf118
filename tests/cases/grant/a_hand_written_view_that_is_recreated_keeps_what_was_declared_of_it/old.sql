CREATE VIEW base AS SELECT 1 AS id, 'a'::text AS name;
GRANT SELECT ON above TO vk_reader;
COMMENT ON VIEW above IS 'declared';
