-- viewkeeper: inhabitants renamed from peopel
CREATE VIEW cities AS SELECT city, count(*) AS inhabitants FROM users GROUP BY city;
