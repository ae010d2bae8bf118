CREATE VIEW w AS SELECT E'a\\nb\t'::text AS x;
