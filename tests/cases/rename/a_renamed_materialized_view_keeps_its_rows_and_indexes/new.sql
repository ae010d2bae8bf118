-- viewkeeper: renamed from cities
CREATE MATERIALIZED VIEW places AS SELECT city, count(*) AS people FROM users GROUP BY city;
CREATE UNIQUE INDEX cities_city ON places (city);
CREATE INDEX cities_people_idx ON places (people);
CREATE VIEW large AS SELECT places.city FROM places WHERE places.people > 1000;
