-- viewkeeper: renamed from active_users
-- viewkeeper: called renamed from name
CREATE VIEW people AS SELECT id, name AS called FROM users WHERE active;
CREATE FUNCTION is_active(n bigint) RETURNS boolean LANGUAGE sql STABLE
BEGIN ATOMIC SELECT EXISTS (SELECT FROM people WHERE people.id = n AND called <> ''); END;
CREATE FUNCTION number_of_active() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM people';
CREATE POLICY of_active ON users USING (id IN (SELECT people.id FROM people WHERE people.called <> ''));
CREATE VIEW shown AS SELECT id FROM users;
CREATE RULE log AS ON DELETE TO shown DO INSTEAD DELETE FROM users WHERE id = old.id AND name IN (SELECT called FROM people);
