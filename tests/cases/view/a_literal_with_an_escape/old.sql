CREATE VIEW w AS SELECT E'a\nb'::text AS x;
