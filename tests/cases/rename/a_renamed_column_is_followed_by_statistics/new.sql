-- viewkeeper: b renamed from a
CREATE MATERIALIZED VIEW m AS SELECT id, a AS b FROM t;
CREATE STATISTICS s ON id, b FROM m;
CREATE STATISTICS e ON (b + 1) FROM m;
