-- viewkeeper: inhabitants renamed from people
CREATE VIEW cities AS
SELECT city, count(*) AS inhabitants -- how many live there
FROM users
GROUP BY city
ORDER BY inhabitants DESC;
COMMENT ON COLUMN cities.inhabitants IS 'How many.';
CREATE VIEW large AS SELECT city, inhabitants AS people FROM cities WHERE inhabitants > 1000;
CREATE MATERIALIZED VIEW kept AS SELECT c.city, c.inhabitants + 1 AS more FROM cities c ORDER BY c.inhabitants;
