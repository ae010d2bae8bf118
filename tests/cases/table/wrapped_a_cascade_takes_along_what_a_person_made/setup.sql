CREATE TABLE t (id int, a int);
CREATE VIEW by_hand AS SELECT a FROM t;
