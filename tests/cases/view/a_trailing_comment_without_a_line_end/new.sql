CREATE VIEW w AS SELECT 2 AS x -- the end
