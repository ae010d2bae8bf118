CREATE VIEW active_users AS SELECT id, name FROM users WHERE active;
CREATE FUNCTION is_active(n bigint) RETURNS boolean LANGUAGE sql STABLE
BEGIN ATOMIC SELECT EXISTS (SELECT FROM active_users WHERE active_users.id = n AND name <> ''); END;
CREATE FUNCTION number_of_active() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM active_users';
CREATE POLICY of_active ON users USING (id IN (SELECT active_users.id FROM active_users WHERE active_users.name <> ''));
CREATE VIEW shown AS SELECT id FROM users;
CREATE RULE log AS ON DELETE TO shown DO INSTEAD DELETE FROM users WHERE id = old.id AND name IN (SELECT name FROM active_users);
