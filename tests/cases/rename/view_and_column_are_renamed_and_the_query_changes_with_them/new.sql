-- viewkeeper: renamed from cities
-- viewkeeper: inhabitants renamed from people
CREATE VIEW places (place, inhabitants) AS SELECT city, count(*) FROM users WHERE active GROUP BY city;
-- viewkeeper: inhabitants renamed from people
CREATE VIEW large AS SELECT * FROM places WHERE inhabitants > 1000;
