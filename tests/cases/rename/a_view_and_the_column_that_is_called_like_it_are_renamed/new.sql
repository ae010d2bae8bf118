-- viewkeeper: renamed from city
-- viewkeeper: place renamed from city
CREATE VIEW places AS SELECT city AS place, name FROM users;
CREATE VIEW whole AS SELECT places.place AS city, (SELECT max(city.name) FROM users city) AS longest, x.n
FROM places, LATERAL (SELECT places.name AS n) x;
CREATE MATERIALIZED VIEW rows_of AS SELECT count(places.*) AS rows, row_to_json(places.*) AS one FROM public.places GROUP BY places.*, places.place, places.name;
