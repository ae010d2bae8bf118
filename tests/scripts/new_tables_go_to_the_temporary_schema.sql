-- The temporary schema is where new relations go when it comes first on the search path, there or not.
CREATE SCHEMA s;
SET search_path = pg_temp, s;
CREATE TABLE passing (a int);
SELECT 'passing'::regclass;
CREATE VIEW seen AS SELECT a FROM passing;
CREATE SEQUENCE counted;
CREATE TABLE made AS SELECT 1 AS a;
SELECT * FROM passing, seen, made;
SET search_path = s, pg_temp;
CREATE TABLE passing (b int);
SELECT * FROM passing;
SELECT * FROM pg_temp.passing;
RESET search_path;
SELECT * FROM passing;
