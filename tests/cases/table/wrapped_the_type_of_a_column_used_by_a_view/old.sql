-- Who writes.
CREATE VIEW writers AS
SELECT id, name -- short
FROM users;
COMMENT ON COLUMN writers.name IS 'As they sign.';
GRANT SELECT ON writers TO PUBLIC;
