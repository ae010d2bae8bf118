CREATE MATERIALIZED VIEW m WITH (fillfactor = 70) AS SELECT id, a, b FROM t WITH DATA;
-- viewkeeper: renamed from i1
CREATE INDEX i2 ON m (a);
-- viewkeeper: renamed from i2
CREATE INDEX i1 ON m (b);
CREATE INDEX i3 ON m (id);
COMMENT ON INDEX i3 IS 'new';
