CREATE VIEW "match" AS
SELECT "type" AS "fn", "Type" AS "Fn", count(*) AS "?column?"
FROM "self"
GROUP BY 1, 2;

CREATE MATERIALIZED VIEW "Self Service"."Übersicht" AS
SELECT s."gen", i."row", s."async" FROM public."self" s LEFT JOIN "i64"."self" i ON true;
