CREATE VIEW cities AS
SELECT city, count(*) AS people -- how many live there
FROM users
GROUP BY city
ORDER BY people DESC;
COMMENT ON COLUMN cities.people IS 'How many.';
CREATE VIEW large AS SELECT city, people FROM cities WHERE people > 1000;
CREATE MATERIALIZED VIEW kept AS SELECT c.city, c.people + 1 AS more FROM cities c ORDER BY c.people;
