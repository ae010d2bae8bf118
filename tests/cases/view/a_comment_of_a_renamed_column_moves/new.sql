CREATE VIEW w AS SELECT id, name AS label FROM users;
COMMENT ON COLUMN w.label IS 'The name.';
