CREATE TYPE st AS ENUM ('a', 'b');
CREATE MATERIALIZED VIEW m AS SELECT id, 'a'::st AS s FROM t;
CREATE INDEX mi ON m (id) WHERE s > 'a'::st;
