CREATE MATERIALIZED VIEW reports.m AS SELECT id, name FROM users;
CREATE INDEX i ON reports.m (id);
