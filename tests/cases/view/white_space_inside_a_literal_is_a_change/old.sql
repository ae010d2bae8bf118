CREATE VIEW w AS SELECT 'a b'::text AS x;
