CREATE TABLE people (id bigint PRIMARY KEY, mood mood DEFAULT usual() CHECK (is_fine(mood)));
CREATE INDEX fine_ones ON people (id) WHERE is_fine(mood);
INSERT INTO people VALUES (1);
