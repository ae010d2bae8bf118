-- viewkeeper: renamed from "Active ""users"""
-- viewkeeper: "Größe; --" renamed from "the name"
CREATE VIEW "select" AS SELECT id, name AS "Größe; --" FROM users WHERE active;
CREATE VIEW v AS SELECT "Größe; --" AS x FROM "select";
