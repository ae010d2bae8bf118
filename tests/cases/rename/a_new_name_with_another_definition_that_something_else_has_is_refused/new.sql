-- viewkeeper: renamed from a
CREATE VIEW b AS SELECT city FROM users;
