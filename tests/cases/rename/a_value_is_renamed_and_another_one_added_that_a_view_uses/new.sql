-- viewkeeper: 'bb' renamed from 'b'
CREATE TYPE st AS ENUM ('a', 'bb', 'c', 'z');
CREATE VIEW v AS SELECT id, CASE WHEN id > 1 THEN 'bb'::st ELSE 'z'::st END AS s FROM t;
