CREATE EXTENSION pg_stat_statements;
CREATE VIEW names AS SELECT name FROM users;
