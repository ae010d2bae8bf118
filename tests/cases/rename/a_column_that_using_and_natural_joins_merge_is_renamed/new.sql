-- viewkeeper: place renamed from city
CREATE VIEW cities AS SELECT city AS place, count(*) AS people FROM users GROUP BY city;
CREATE VIEW merged AS SELECT u.city, people, u.name FROM cities JOIN users u ON u.city = cities.place;
CREATE VIEW matched AS SELECT city, people FROM cities AS c (city, people) NATURAL JOIN users;
