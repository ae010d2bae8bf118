-- viewkeeper: z renamed from x
CREATE TYPE c AS (z int, y text);
