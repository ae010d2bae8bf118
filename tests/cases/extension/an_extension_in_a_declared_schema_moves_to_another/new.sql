CREATE SCHEMA one;
CREATE SCHEMA two;
CREATE EXTENSION pg_trgm SCHEMA two;
CREATE VIEW likeness AS SELECT two.similarity(name, 'x') AS likeness FROM users;
