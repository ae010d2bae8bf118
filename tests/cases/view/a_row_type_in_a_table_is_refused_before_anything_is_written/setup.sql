CREATE VIEW v AS SELECT 'one'::text AS x;
CREATE TABLE log (id bigint, was v);
