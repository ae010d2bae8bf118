CREATE FUNCTION price(cents integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT cents / 100';
COMMENT ON FUNCTION price(integer) IS 'whole units';
CREATE VIEW prices AS SELECT id, price(cents) AS price FROM orders;
GRANT SELECT ON prices TO vk_reader;
CREATE FUNCTION total() RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT sum(price) FROM prices $$;
