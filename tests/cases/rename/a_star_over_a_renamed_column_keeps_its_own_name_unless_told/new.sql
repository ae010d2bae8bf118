-- viewkeeper: inhabitants renamed from people
CREATE VIEW cities AS SELECT city, count(*) AS inhabitants FROM users GROUP BY city;
CREATE VIEW all_cities AS SELECT * FROM cities;
