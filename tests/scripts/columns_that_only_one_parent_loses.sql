-- ATExecDropColumn: with ONLY the child's column is its own, though another parent has it too.
CREATE TABLE p (id int, name text);
CREATE TABLE q (id2 int, name text);
CREATE TABLE c (age int) INHERITS (p, q);
ALTER TABLE ONLY p DROP COLUMN name;
ALTER TABLE q DROP COLUMN name;
SELECT name FROM c;
ALTER TABLE c DROP COLUMN name;
