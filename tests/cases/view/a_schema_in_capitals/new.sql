CREATE VIEW "My Reports"."W" AS SELECT id::text AS id FROM users;
