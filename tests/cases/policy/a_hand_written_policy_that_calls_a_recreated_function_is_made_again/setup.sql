CREATE TABLE t (id integer PRIMARY KEY, name text, owner text);
CREATE TABLE log (line text);
CREATE FUNCTION allowed(owner text) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT owner = CURRENT_USER';
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON t USING (allowed(owner));
ALTER POLICY own ON t WITH CHECK (allowed(name));
