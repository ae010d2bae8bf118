-- viewkeeper: renamed from a
CREATE VIEW b AS SELECT id FROM users;
CREATE VIEW reads AS SELECT id::text AS name FROM b;
