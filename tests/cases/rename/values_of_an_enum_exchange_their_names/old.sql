CREATE TYPE s AS ENUM ('x', 'y', 'z');
CREATE VIEW v AS SELECT 'x'::s AS a, 'y'::s AS b;
