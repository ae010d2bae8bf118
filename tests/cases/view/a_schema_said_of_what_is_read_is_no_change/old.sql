CREATE VIEW names AS SELECT id, name FROM users;

CREATE MATERIALIZED VIEW cities AS SELECT u.city, count(*) FROM users AS u GROUP BY u.city;
