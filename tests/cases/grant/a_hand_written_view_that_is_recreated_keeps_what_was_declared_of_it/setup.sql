CREATE VIEW base AS SELECT 1 AS id, 'a'::text AS name;
CREATE VIEW above AS SELECT id, name FROM base;
COMMENT ON COLUMN above.id IS 'of the migration';
