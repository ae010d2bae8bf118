-- viewkeeper: renamed from b
CREATE VIEW a AS SELECT id FROM users WHERE active;
-- viewkeeper: renamed from a
CREATE VIEW b AS SELECT name, city FROM users;
