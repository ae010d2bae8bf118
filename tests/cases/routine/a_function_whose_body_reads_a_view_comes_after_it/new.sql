CREATE FUNCTION active_count() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM active_users';
CREATE FUNCTION is_active(bigint) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT EXISTS (SELECT FROM active_users WHERE id = $1)';
CREATE VIEW active_users AS SELECT id, name FROM users WHERE still_here(left_at);
CREATE FUNCTION still_here(left_at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT $1 IS NULL';
CREATE VIEW summary AS SELECT active_count() AS active;
