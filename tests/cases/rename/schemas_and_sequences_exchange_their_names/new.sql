-- viewkeeper: renamed from two
CREATE SCHEMA one;
-- viewkeeper: renamed from one
CREATE SCHEMA two;
CREATE VIEW two.ids AS SELECT id FROM users;
CREATE VIEW one.names AS SELECT name FROM users;
-- viewkeeper: renamed from sevens
CREATE SEQUENCE fives INCREMENT 7;
-- viewkeeper: renamed from fives
CREATE SEQUENCE sevens INCREMENT 5;
