-- viewkeeper: renamed from cities
-- viewkeeper: inhabitants renamed from people
CREATE VIEW places AS SELECT upper(city) AS city, count(*) AS inhabitants FROM users GROUP BY city;
