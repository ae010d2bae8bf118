-- viewkeeper: renamed from b
CREATE VIEW a AS SELECT name, city FROM users;
-- viewkeeper: renamed from a
CREATE VIEW b AS SELECT id FROM users WHERE active;
