CREATE DOMAIN price AS numeric CHECK (VALUE > 0);
CREATE DOMAIN small_price AS price CHECK (VALUE < 10);
CREATE TYPE offer AS (name text, price small_price);
