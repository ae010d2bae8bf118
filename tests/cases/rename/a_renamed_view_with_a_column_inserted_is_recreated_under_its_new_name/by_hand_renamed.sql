COMMENT ON COLUMN current_users.name IS 'given by hand';
