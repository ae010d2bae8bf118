CREATE MATERIALIZED VIEW cities AS SELECT city, count(*) AS people FROM users GROUP BY city;
CREATE UNIQUE INDEX cities_city ON cities (city);
COMMENT ON INDEX cities_city IS 'One row for each.';
