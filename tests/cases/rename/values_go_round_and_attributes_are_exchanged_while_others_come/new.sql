-- viewkeeper: 'y' renamed from 'x'
-- viewkeeper: 'z' renamed from 'y'
-- viewkeeper: 'x' renamed from 'z'
CREATE TYPE s AS ENUM ('y', 'z', 'x', 'n');
CREATE VIEW v AS SELECT 'y'::s AS a, 'z'::s AS b, 1 AS c;
-- viewkeeper: g renamed from f
-- viewkeeper: f renamed from g
CREATE TYPE c AS (g int, f text, h date);
