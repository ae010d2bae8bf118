CREATE TABLE things (id integer PRIMARY KEY, name text DEFAULT label(7), CONSTRAINT named CHECK (label(id) <> '8'));
CREATE UNIQUE INDEX things_label ON things (label(id) DESC);
INSERT INTO things VALUES (1);
COMMENT ON CONSTRAINT named ON things IS 'It has a name.';
ALTER INDEX things_label ALTER COLUMN 1 SET STATISTICS 7;
