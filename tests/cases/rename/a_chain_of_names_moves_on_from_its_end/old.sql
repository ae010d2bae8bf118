CREATE VIEW a AS SELECT id FROM users WHERE active;
COMMENT ON VIEW a IS 'the first';
CREATE VIEW b AS SELECT name, a.id FROM users JOIN a USING (id);
COMMENT ON VIEW b IS 'the second';
