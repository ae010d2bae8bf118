-- viewkeeper: two renamed from one
-- viewkeeper: one renamed from two
CREATE VIEW v AS SELECT id, a AS two, b AS one FROM t;
CREATE VIEW w AS SELECT two AS one, one AS two FROM v;
-- viewkeeper: two renamed from one
-- viewkeeper: one renamed from two
CREATE VIEW x AS SELECT * FROM v;
COMMENT ON COLUMN v.two IS 'first';
