CREATE TABLE parent (a int, b int GENERATED ALWAYS AS (a * 2) STORED, c int);
CREATE TABLE child (b int, a int) INHERITS (parent);
CREATE TABLE with_default (b int DEFAULT 1) INHERITS (parent);
CREATE TABLE with_identity (b int GENERATED ALWAYS AS IDENTITY) INHERITS (parent);
CREATE TABLE with_its_own (b int GENERATED ALWAYS AS (a * 3) STORED) INHERITS (parent);
CREATE TABLE other (c int GENERATED ALWAYS AS (a * 3) STORED) INHERITS (parent);
UPDATE child SET b = 1;
