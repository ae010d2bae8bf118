CREATE EXTENSION pg_stat_statements;
CREATE VIEW names AS SELECT id, name FROM users;
