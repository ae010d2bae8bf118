-- viewkeeper: renamed from a
CREATE MATERIALIZED VIEW b AS SELECT id FROM users;
