CREATE MATERIALIZED VIEW cities AS SELECT city, count(*) AS people FROM users GROUP BY city;
CREATE UNIQUE INDEX cities_city ON cities (city);
CREATE INDEX ON cities (people);
CREATE VIEW large AS SELECT cities.city FROM cities WHERE cities.people > 1000;
