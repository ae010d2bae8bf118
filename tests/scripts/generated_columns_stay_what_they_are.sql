-- cookDefault, DefineIndex
CREATE TABLE t (a timestamptz, b text GENERATED ALWAYS AS (a::text) STORED);
CREATE TABLE t (a int, b float8 GENERATED ALWAYS AS (a * random()) STORED);
CREATE TABLE t (a int, b timestamptz GENERATED ALWAYS AS (now()) STORED);
CREATE TABLE t (a int, b date GENERATED ALWAYS AS (CURRENT_DATE) STORED);
CREATE TABLE t (a text, b text GENERATED ALWAYS AS (lower(a) || 'x') STORED);
CREATE FUNCTION changing(int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN $1; END $$;
ALTER TABLE t ADD c int GENERATED ALWAYS AS (changing(1)) STORED;
ALTER FUNCTION changing(int) IMMUTABLE;
ALTER TABLE t ADD c int GENERATED ALWAYS AS (changing(1)) STORED;
CREATE TABLE u (a int, EXCLUDE USING btree ((a + random()) WITH =));
CREATE TABLE u (a int, b timestamptz, EXCLUDE USING btree (a WITH =) WHERE (b > now()));
CREATE TABLE u (a int, b timestamptz, EXCLUDE USING btree (a WITH =) WHERE (b > '2020-01-01'));
