CREATE TYPE address AS (street text, city varchar(40), zip numeric(5), "Country" text COLLATE "C");
COMMENT ON COLUMN address.street IS 'with the number';
COMMENT ON COLUMN address.zip IS 'digits';
CREATE VIEW addresses AS SELECT NULL::address AS address;
