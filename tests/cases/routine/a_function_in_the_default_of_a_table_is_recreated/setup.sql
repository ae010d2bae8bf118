CREATE TABLE t (id int);
CREATE TABLE u (a text DEFAULT 'b') INHERITS (t);
