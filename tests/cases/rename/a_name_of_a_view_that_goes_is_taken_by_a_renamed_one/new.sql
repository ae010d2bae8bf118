-- viewkeeper: renamed from a
CREATE VIEW b AS SELECT id FROM users;
CREATE VIEW reads_b AS SELECT id::text AS name FROM b;
CREATE VIEW reads_a AS SELECT id FROM b;
