CREATE TYPE c AS (n int, m int);
CREATE VIEW v AS SELECT (7, 7)::c IS DISTINCT FROM (7, 7)::c AS x, id FROM t;
