CREATE TABLE base (id int, a text);
CREATE TABLE kid (id int, a text, b int) INHERITS (base);
CREATE TABLE kid2 (c int) INHERITS (base);
