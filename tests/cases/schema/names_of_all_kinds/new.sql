CREATE SCHEMA "It's ""so""";
COMMENT ON SCHEMA "It's ""so""" IS 'it''s so';
CREATE SCHEMA "select";
CREATE SCHEMA "ÄÖ $$ \ -- {x}";
CREATE VIEW "It's ""so"""."from" AS SELECT name FROM users;
CREATE VIEW "select"."from" AS SELECT name FROM "It's ""so"""."from";
