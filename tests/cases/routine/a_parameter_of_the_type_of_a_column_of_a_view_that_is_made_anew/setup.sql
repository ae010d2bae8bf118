CREATE TABLE t (id int, n numeric);
