-- viewkeeper: people renamed from count
CREATE MATERIALIZED VIEW cities AS SELECT city, count(*) AS people FROM users GROUP BY city;
CREATE INDEX by_count ON cities (people) WHERE people > 1;
