-- viewkeeper: renamed from a
CREATE VIEW b AS SELECT id FROM users;
