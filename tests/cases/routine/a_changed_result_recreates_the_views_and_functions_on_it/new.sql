CREATE FUNCTION price(cents integer) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT cents / 100.0';
COMMENT ON FUNCTION price(integer) IS 'whole units';
CREATE VIEW prices AS SELECT id, price(cents) AS price FROM orders;
GRANT SELECT ON prices TO vk_reader;
CREATE FUNCTION total() RETURNS numeric LANGUAGE sql STABLE AS $$ SELECT sum(price) FROM prices $$;
