CREATE TABLE users (id integer PRIMARY KEY, name varchar(40) NOT NULL);
CREATE TABLE days (day date NOT NULL, n integer) PARTITION BY RANGE (day);
CREATE TABLE days_2024 PARTITION OF days FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE days_else PARTITION OF days DEFAULT;
CREATE INDEX ON days (n);
CREATE TABLE parent (id integer, CONSTRAINT positive CHECK (id > 0));
CREATE TABLE child (id integer, extra text, CONSTRAINT positive CHECK (id > 0));
ALTER TABLE child INHERIT parent;
INSERT INTO days VALUES ('2024-02-02', 1), ('2020-01-01', 2);
