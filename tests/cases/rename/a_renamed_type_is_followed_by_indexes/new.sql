-- viewkeeper: renamed from st
CREATE TYPE state AS ENUM ('a', 'b');
CREATE MATERIALIZED VIEW m AS SELECT id, 'a'::state AS s FROM t;
CREATE INDEX mi ON m (id) WHERE s > 'a'::state;
