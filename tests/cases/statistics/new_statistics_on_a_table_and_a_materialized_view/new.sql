CREATE STATISTICS places (dependencies, ndistinct) ON city, street FROM users;
COMMENT ON STATISTICS places IS 'Streets are in cities.';
ALTER STATISTICS places SET STATISTICS 500;
ALTER STATISTICS places OWNER TO vk_writer;
CREATE STATISTICS IF NOT EXISTS public.words ON (lower(name)), (shout(city)) FROM users;
CREATE STATISTICS of_view (mcv) ON town, street FROM towns;
CREATE STATISTICS "It's ""so""" ON city, street FROM by_hand;
CREATE FUNCTION shout(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT upper($1)';
CREATE MATERIALIZED VIEW towns AS SELECT city AS town, street FROM users;
