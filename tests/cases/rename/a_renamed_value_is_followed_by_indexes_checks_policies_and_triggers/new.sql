-- viewkeeper: 'blue' renamed from 'sad'
CREATE TYPE mood AS ENUM ('blue', 'happy', 'gone');
CREATE VIEW v AS SELECT 'blue'::mood AS m, 1 AS x;
CREATE MATERIALIZED VIEW mv AS SELECT m, x FROM v WITH DATA;
CREATE INDEX mv_p ON mv (x) WHERE m = 'blue';
CREATE INDEX mv_e ON mv ((m = 'blue'));
CREATE FUNCTION fn(m mood DEFAULT 'blue') RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
CREATE DOMAIN dm AS mood CHECK (VALUE <> 'blue');
