CREATE VIEW writers AS SELECT id, name FROM users;
CREATE VIEW short_names AS SELECT id FROM writers WHERE length(name) < 5;
CREATE MATERIALIZED VIEW counted AS SELECT name, count(*) AS number FROM writers GROUP BY name;
CREATE UNIQUE INDEX counted_name ON counted (name);
CREATE VIEW apart AS SELECT id FROM users;
CREATE FUNCTION first_writer() RETURNS writers LANGUAGE sql AS 'SELECT * FROM writers LIMIT 1';
