CREATE TYPE address AS (street text, city varchar(40));
COMMENT ON COLUMN address.street IS 'with the number';
CREATE VIEW addresses AS SELECT NULL::address AS address;
