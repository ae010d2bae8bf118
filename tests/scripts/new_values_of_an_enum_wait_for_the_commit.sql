-- A value that ALTER TYPE adds cannot be used in the same transaction (55P04); outside of one it can at once.
CREATE TYPE mood AS ENUM ('sad', 'happy');
BEGIN;
ALTER TYPE mood ADD VALUE 'new';
SAVEPOINT before;
SELECT 'new'::mood;
ROLLBACK TO before;
SELECT 'sad'::mood;
SAVEPOINT renamed;
ALTER TYPE mood RENAME VALUE 'new' TO 'newer';
SAVEPOINT used;
SELECT 'newer'::mood;
ROLLBACK TO used;
CREATE TABLE t (m mood DEFAULT 'newer');
ROLLBACK TO renamed;
COMMIT;
SELECT 'new'::mood;
ALTER TYPE mood ADD VALUE 'last';
SELECT 'last'::mood;
-- Where the type is of the same transaction, versions differ.
BEGIN;
CREATE TYPE fresh AS ENUM ('a');
ALTER TYPE fresh ADD VALUE 'b';
SELECT 'b'::fresh;
COMMIT;
