CREATE VIEW v AS SELECT 'one'::text AS x;
