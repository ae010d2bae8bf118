CREATE TYPE c AS (n int, m int, b boolean);
CREATE VIEW v AS SELECT (7, 7, true)::c IS DISTINCT FROM (7, 7, true) AS x, id, 1 AS z FROM t;
