CREATE TABLE shirts (id bigint PRIMARY KEY, size size);
CREATE VIEW sorted AS SELECT id FROM shirts ORDER BY size;
