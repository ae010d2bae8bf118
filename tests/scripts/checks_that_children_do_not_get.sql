-- NO INHERIT
CREATE TABLE parent (a int, CHECK (a > 0) NO INHERIT, CHECK (a < 10));
CREATE TABLE child () INHERITS (parent);
CREATE TABLE other (a int, CHECK (a < 10));
ALTER TABLE other RENAME CONSTRAINT other_a_check TO parent_a_check1;
ALTER TABLE other INHERIT parent;
ALTER TABLE parent ADD CONSTRAINT only_here CHECK (a <> 5) NO INHERIT;
