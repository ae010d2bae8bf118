CREATE VIEW cities AS SELECT city, count(*) AS people FROM users GROUP BY city;
CREATE VIEW merged AS SELECT city, people, u.name FROM cities JOIN users u USING (city);
CREATE VIEW matched AS SELECT city, people FROM cities NATURAL JOIN users;
