-- Drops and creates the relations with no more than their queries and their options.
DROP MATERIALIZED VIEW sec.empty;
DROP MATERIALIZED VIEW n;
DROP MATERIALIZED VIEW m;
DROP VIEW "Odd '$$ näme";
DROP VIEW v;
CREATE VIEW v AS SELECT id, name, note, n FROM base;
CREATE VIEW "Odd '$$ näme" AS SELECT id AS "Col ""1", name AS "$$" FROM v WHERE id > 0;
CREATE MATERIALIZED VIEW m AS SELECT id, name, note, n FROM v WITH NO DATA;
CREATE MATERIALIZED VIEW n AS SELECT id, f(name) AS f FROM m WITH NO DATA;
CREATE MATERIALIZED VIEW sec.empty USING heap2 AS SELECT 1 AS a WITH NO DATA;
