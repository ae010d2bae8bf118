CREATE TABLE t (id integer PRIMARY KEY, name varchar(10), other varchar(10));
