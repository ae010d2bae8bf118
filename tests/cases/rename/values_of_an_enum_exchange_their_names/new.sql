-- viewkeeper: 'y' renamed from 'x'
-- viewkeeper: 'x' renamed from 'y'
CREATE TYPE s AS ENUM ('y', 'x', 'z');
CREATE VIEW v AS SELECT 'y'::s AS a, 'x'::s AS b;
