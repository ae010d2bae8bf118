CREATE TABLE people (id bigint, home address);
INSERT INTO people VALUES (1, NULL);
