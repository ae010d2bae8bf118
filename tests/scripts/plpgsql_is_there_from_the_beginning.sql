-- As `pg_dump` before 11 writes it.
CREATE EXTENSION IF NOT EXISTS plpgsql WITH SCHEMA pg_catalog;
COMMENT ON EXTENSION plpgsql IS 'PL/pgSQL procedural language';
CREATE VIEW v AS SELECT 1 AS a;
