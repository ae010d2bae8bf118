-- viewkeeper: renamed from b
CREATE VIEW a AS SELECT name FROM users;
-- viewkeeper: renamed from a
CREATE VIEW b AS SELECT id FROM users WHERE active;
CREATE VIEW reads_a AS SELECT id FROM b;
