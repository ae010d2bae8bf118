COMMENT ON COLUMN current_users.name IS 'given by hand';
GRANT SELECT (id) ON current_users TO PUBLIC;
ALTER VIEW current_users ALTER COLUMN name SET DEFAULT 'nobody';
