-- AddRelationNewConstraints in heap.c, find_composite_type_dependencies in tablecmds.c
CREATE TABLE r (a text);
CREATE TABLE stores (x r);
ALTER TABLE r ADD COLUMN b text DEFAULT NULL;
ALTER TABLE r ADD COLUMN c varchar(3) DEFAULT NULL::varchar(3);
ALTER TABLE r ADD COLUMN d text DEFAULT NULL::text;
ALTER TABLE r ADD COLUMN e text DEFAULT '';
CREATE VIEW v AS SELECT (x).b, (x).d FROM stores;
CREATE VIEW w AS SELECT (x).e FROM stores;
