CREATE MATERIALIZED VIEW "Größe; --" AS SELECT id AS "a b", name AS "it's" FROM users;
CREATE UNIQUE INDEX "Ind""ex" ON "Größe; --" ("a b");
