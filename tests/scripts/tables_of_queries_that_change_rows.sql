-- CREATE TABLE AS and SELECT INTO run their query once: WITH may change rows, at the top level.
CREATE TABLE stock (id int, label text);
CREATE TABLE gone AS WITH deleted AS (DELETE FROM stock RETURNING *) SELECT id, label || '!' AS label FROM deleted;
SELECT * FROM gone;
WITH added AS (INSERT INTO stock VALUES (1, 'one') RETURNING id) SELECT id + 1 AS next INTO added FROM added;
CREATE TABLE counted AS WITH RECURSIVE changed AS (UPDATE stock SET id = 1 RETURNING id AS n), up AS (
    SELECT n FROM changed UNION ALL SELECT n + 1 FROM up WHERE n < 5
) SELECT * FROM up;
CREATE TABLE nothing AS WITH deleted AS (DELETE FROM stock) SELECT 1 AS one;
CREATE TABLE refused AS WITH deleted AS (DELETE FROM stock) SELECT * FROM deleted;
CREATE TABLE refused AS WITH changed AS (UPDATE stock SET id = 1 RETURNING *) SELECT *, id FROM changed;
CREATE TABLE refused (a, b, c) AS WITH changed AS (UPDATE stock SET id = 1 RETURNING *) SELECT * FROM changed;
CREATE TABLE refused AS SELECT * FROM (WITH deleted AS (DELETE FROM stock RETURNING *) SELECT * FROM deleted) d;
CREATE TABLE refused AS (WITH deleted AS (DELETE FROM stock RETURNING *) SELECT * FROM deleted) UNION SELECT * FROM stock;
CREATE MATERIALIZED VIEW refused AS WITH deleted AS (DELETE FROM stock RETURNING *) SELECT * FROM deleted;
CREATE VIEW refused AS WITH deleted AS (DELETE FROM stock RETURNING *) SELECT * FROM deleted;
WITH deleted AS (DELETE FROM stock RETURNING *) INSERT INTO stock SELECT * FROM deleted;
INSERT INTO stock WITH deleted AS (DELETE FROM stock RETURNING *) SELECT * FROM deleted;
INSERT INTO stock SELECT * FROM (WITH deleted AS (DELETE FROM stock RETURNING *) SELECT * FROM deleted) d;
WITH outside AS (WITH deleted AS (DELETE FROM stock RETURNING *) SELECT * FROM deleted) SELECT * FROM outside;
CREATE FUNCTION inside() RETURNS SETOF int LANGUAGE sql
    AS 'SELECT id FROM (WITH deleted AS (DELETE FROM stock RETURNING id) SELECT id FROM deleted) d';
CREATE RULE refused AS ON INSERT TO gone DO ALSO
    INSERT INTO stock WITH deleted AS (DELETE FROM stock RETURNING *) SELECT * FROM deleted;
