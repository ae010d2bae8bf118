CREATE TYPE point3 AS (x integer, y integer, z numeric(6, 2));
COMMENT ON TYPE point3 IS 'in space';
COMMENT ON COLUMN point3.z IS 'the height';
CREATE FUNCTION origin() RETURNS point3 LANGUAGE sql IMMUTABLE AS $$ SELECT ROW(0, 0, 0)::point3 $$;
CREATE VIEW heights AS SELECT (origin()).z AS height;
CREATE TYPE segment AS (one point3, other point3);
