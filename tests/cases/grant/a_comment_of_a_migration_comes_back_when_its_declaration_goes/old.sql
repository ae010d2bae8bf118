COMMENT ON TABLE users IS 'declared';
COMMENT ON COLUMN users.email IS 'declared';
