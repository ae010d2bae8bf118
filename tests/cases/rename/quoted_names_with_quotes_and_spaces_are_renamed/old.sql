CREATE VIEW "Active ""users""" AS SELECT id, name AS "the name" FROM users WHERE active;
CREATE VIEW v AS SELECT "the name" AS x FROM "Active ""users""";
