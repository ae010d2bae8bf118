-- viewkeeper: inhabitant renamed from people
CREATE VIEW cities AS SELECT city, count(*) AS inhabitants FROM users GROUP BY city;
