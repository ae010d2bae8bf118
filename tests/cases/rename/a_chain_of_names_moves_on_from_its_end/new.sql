-- viewkeeper: renamed from a
CREATE VIEW b AS SELECT id FROM users WHERE active;
COMMENT ON VIEW b IS 'the first';
-- viewkeeper: renamed from b
CREATE VIEW c AS SELECT name, b.id FROM users JOIN b USING (id);
COMMENT ON VIEW c IS 'the second';
