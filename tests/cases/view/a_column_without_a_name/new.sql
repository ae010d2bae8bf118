CREATE VIEW w AS SELECT 1, 3 AS a, 'x'::text AS b;
