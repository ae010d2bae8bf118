CREATE TYPE st AS ENUM ('a', 'b', 'c');
CREATE VIEW v AS SELECT id, 'b'::st AS s FROM t;
