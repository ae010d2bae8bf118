CREATE TABLE t (id int, a text);
CREATE TABLE u (id int);
