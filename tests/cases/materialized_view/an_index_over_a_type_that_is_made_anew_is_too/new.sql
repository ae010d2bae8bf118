CREATE DOMAIN d AS bigint;
CREATE TYPE e AS ENUM ('b', 'a');
CREATE MATERIALIZED VIEW m AS SELECT id FROM t;
CREATE INDEX mi ON m ((id::d));
CREATE INDEX mw ON m (id) WHERE 'b'::e > 'a'::e;
