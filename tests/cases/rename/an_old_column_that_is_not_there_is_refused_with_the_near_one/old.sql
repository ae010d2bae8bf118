CREATE VIEW cities AS SELECT city, count(*) AS people FROM users GROUP BY city;
