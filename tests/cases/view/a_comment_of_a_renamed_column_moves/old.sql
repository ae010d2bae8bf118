CREATE VIEW w AS SELECT id, name FROM users;
COMMENT ON COLUMN w.name IS 'The name.';
