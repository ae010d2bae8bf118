CREATE TABLE users (id integer PRIMARY KEY, name varchar(40) NOT NULL);
CREATE TABLE dropped (a integer, b integer GENERATED ALWAYS AS (a * 2) STORED NOT NULL);
COMMENT ON COLUMN dropped.b IS 'Twice.';
GRANT SELECT (b) ON dropped TO vk_reader;
CREATE TABLE added (a integer);
INSERT INTO dropped VALUES (1);
