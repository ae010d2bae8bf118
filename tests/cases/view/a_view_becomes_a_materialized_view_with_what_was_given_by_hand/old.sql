CREATE VIEW v WITH (security_barrier) AS SELECT id, name FROM users;
COMMENT ON VIEW v IS 'declared, and gone';
COMMENT ON COLUMN v.name IS 'before';
GRANT SELECT ON v TO vk_reader;
CREATE VIEW w AS SELECT id FROM v;
