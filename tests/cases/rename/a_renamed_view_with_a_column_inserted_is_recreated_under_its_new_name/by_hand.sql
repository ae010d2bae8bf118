COMMENT ON COLUMN active_users.name IS 'given by hand';
