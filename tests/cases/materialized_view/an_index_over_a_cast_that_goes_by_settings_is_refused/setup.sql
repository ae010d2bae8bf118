CREATE TABLE t (d date);
