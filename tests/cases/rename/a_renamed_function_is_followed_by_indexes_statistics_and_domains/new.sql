-- viewkeeper: renamed from h
CREATE FUNCTION k(x int) RETURNS int LANGUAGE sql IMMUTABLE RETURN x;
CREATE MATERIALIZED VIEW m AS SELECT id, a FROM t;
CREATE INDEX mi ON m ((k(id) + 1)) WHERE public.k(a) > 1;
CREATE STATISTICS s ON k(id), a FROM m;
CREATE DOMAIN d AS int DEFAULT k(3) CHECK (k(VALUE) > 1);
