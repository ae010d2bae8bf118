-- viewkeeper: two renamed from one
-- viewkeeper: one renamed from two
CREATE VIEW v AS SELECT lower(a) AS two, upper(b) AS one FROM t;
