-- viewkeeper: renamed from b
CREATE VIEW a AS SELECT city FROM users;
-- viewkeeper: renamed from a
CREATE VIEW b AS SELECT active FROM users;
