COMMENT ON COLUMN active_users.name IS 'given by hand';
GRANT SELECT (id) ON active_users TO PUBLIC;
ALTER VIEW active_users ALTER COLUMN name SET DEFAULT 'nobody';
