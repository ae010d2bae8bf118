CREATE VIEW v AS SELECT id::bigint AS id FROM t;
