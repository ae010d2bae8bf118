CREATE VIEW cities (place, people) AS SELECT city, count(*) FROM users GROUP BY city;
CREATE VIEW large AS SELECT * FROM cities WHERE people > 1000;
