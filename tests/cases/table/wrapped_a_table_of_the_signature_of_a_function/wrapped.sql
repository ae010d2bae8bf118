DROP TABLE t; CREATE TABLE t (id int, a text);
