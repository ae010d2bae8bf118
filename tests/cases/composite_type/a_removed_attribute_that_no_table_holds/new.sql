CREATE TYPE address AS (street text, zip text);
CREATE VIEW addresses AS SELECT ROW('a', 'c')::address AS address;
