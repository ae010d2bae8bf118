-- viewkeeper: renamed from b
CREATE VIEW a AS SELECT other, id FROM t;
-- viewkeeper: renamed from a
CREATE VIEW b AS SELECT id, name FROM t;
