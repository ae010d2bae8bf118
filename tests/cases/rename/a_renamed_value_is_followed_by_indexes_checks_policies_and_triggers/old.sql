CREATE TYPE mood AS ENUM ('sad', 'happy', 'gone');
CREATE VIEW v AS SELECT 'sad'::mood AS m, 1 AS x;
CREATE MATERIALIZED VIEW mv AS SELECT m, x FROM v WITH DATA;
CREATE INDEX mv_p ON mv (x) WHERE m = 'sad';
CREATE INDEX mv_e ON mv ((m = 'sad'));
CREATE FUNCTION fn(m mood DEFAULT 'sad') RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
CREATE DOMAIN dm AS mood CHECK (VALUE <> 'sad');
