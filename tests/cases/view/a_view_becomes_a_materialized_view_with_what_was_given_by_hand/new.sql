CREATE MATERIALIZED VIEW v AS SELECT id, name, length(name) AS letters FROM users;
CREATE UNIQUE INDEX v_id ON v (id);
COMMENT ON COLUMN v.name IS 'after';
GRANT UPDATE (name) ON v TO vk_reader;
CREATE VIEW w AS SELECT id FROM v;
