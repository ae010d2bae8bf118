CREATE SCHEMA one;
CREATE SCHEMA two;
CREATE EXTENSION pg_trgm SCHEMA one;
CREATE VIEW likeness AS SELECT one.similarity(name, 'x') AS likeness FROM users;
