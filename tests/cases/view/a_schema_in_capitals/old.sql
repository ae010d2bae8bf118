CREATE VIEW "My Reports"."W" AS SELECT id FROM users;
