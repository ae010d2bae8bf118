CREATE MATERIALIZED VIEW cities AS SELECT city, count(*) FROM users GROUP BY city;
CREATE INDEX by_count ON cities (count) WHERE count > 1;
