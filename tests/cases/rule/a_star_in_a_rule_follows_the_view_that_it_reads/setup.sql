CREATE TABLE t (id int, a int);
CREATE TABLE log (id int, a int, note text);
