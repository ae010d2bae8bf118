-- viewkeeper: two renamed from one
-- viewkeeper: one renamed from two
CREATE VIEW v AS SELECT a AS two, b AS one FROM t;
-- viewkeeper: 'y' renamed from 'x'
-- viewkeeper: 'x' renamed from 'y'
CREATE TYPE s AS ENUM ('y', 'x');
CREATE MATERIALIZED VIEW m AS SELECT a, b FROM t WITH DATA;
-- viewkeeper: renamed from i2
CREATE INDEX i1 ON m (a);
-- viewkeeper: renamed from i1
CREATE INDEX i2 ON m (b);
