-- viewkeeper: renamed from b
CREATE VIEW a AS SELECT 2 AS two;
-- viewkeeper: renamed from c
CREATE MATERIALIZED VIEW b AS SELECT 3 AS three;
-- viewkeeper: renamed from a
CREATE VIEW c AS SELECT 1 AS one;
