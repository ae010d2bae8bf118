CREATE VIEW h (one, two) AS SELECT 1, 5 AS b, 3 AS c;
