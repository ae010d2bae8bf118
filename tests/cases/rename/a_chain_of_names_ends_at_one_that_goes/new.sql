-- viewkeeper: renamed from a
CREATE VIEW b AS SELECT id FROM users;
-- viewkeeper: renamed from b
CREATE VIEW c AS SELECT name FROM users;
