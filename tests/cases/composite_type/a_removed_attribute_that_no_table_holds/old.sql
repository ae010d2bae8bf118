CREATE TYPE address AS (street text, city text, zip text);
CREATE VIEW addresses AS SELECT ROW('a', 'b', 'c')::address AS address;
