-- A constant of regcollation names a collation, which the view needs.
CREATE COLLATION mine FROM "C";
SELECT 'mine'::regcollation AS c;
SELECT 'public.mine'::regcollation AS c, '"POSIX"'::regcollation AS d;
SELECT '-'::regcollation AS c, '0'::regcollation AS d;
SELECT 'c'::regcollation;
SELECT 'no_such'::regcollation;
CREATE VIEW v AS SELECT 'mine'::regcollation AS c;
DROP COLLATION mine;
