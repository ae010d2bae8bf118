-- viewkeeper: two renamed from one
-- viewkeeper: one renamed from two
CREATE VIEW v AS SELECT id, a AS two, b AS one FROM t;
-- viewkeeper: two renamed from one
-- viewkeeper: one renamed from two
CREATE MATERIALIZED VIEW m AS SELECT two, one FROM v WITH DATA;
