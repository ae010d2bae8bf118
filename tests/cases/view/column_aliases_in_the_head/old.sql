CREATE VIEW h (one, two) AS SELECT 1, 2 AS b, 3 AS c;
