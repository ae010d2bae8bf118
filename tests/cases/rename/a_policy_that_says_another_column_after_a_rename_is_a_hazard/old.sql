CREATE VIEW active_users AS SELECT id, name, city FROM users WHERE active;
CREATE POLICY of_active ON users USING (id IN (SELECT a.id FROM active_users a WHERE a.name <> ''));
