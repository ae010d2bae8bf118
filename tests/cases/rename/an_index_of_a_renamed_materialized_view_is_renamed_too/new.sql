-- viewkeeper: renamed from cities
CREATE MATERIALIZED VIEW places AS SELECT city, count(*) AS people FROM users GROUP BY city;
-- viewkeeper: renamed from cities_city
CREATE UNIQUE INDEX places_city ON places (city);
COMMENT ON INDEX places_city IS 'One row for each.';
