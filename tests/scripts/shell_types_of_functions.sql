-- A function for C makes a shell of the type that it gives, when there is none of the name.
CREATE FUNCTION half_in(cstring) RETURNS half LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION half_out(half) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE TABLE refused (h half);
CREATE FUNCTION refused() RETURNS third LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION refused(cstring) RETURNS third(2) LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION refused(cstring) RETURNS missing.third LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION refused(third) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE FUNCTION several(cstring) RETURNS SETOF third[] LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE TYPE half (INPUT = half_in, OUTPUT = half_out, LIKE = integer);
CREATE TABLE halves (h half);
SELECT h, h::text FROM halves;
