CREATE VIEW city AS SELECT city, name FROM users;
CREATE VIEW whole AS SELECT city.city, (SELECT max(city.name) FROM users city) AS longest, x.n
FROM city, LATERAL (SELECT city.name AS n) x;
CREATE MATERIALIZED VIEW rows_of AS SELECT count(city.*) AS rows, row_to_json(city.*) AS one FROM public.city GROUP BY city.*, city.city, city.name;
