CREATE TABLE t (id integer PRIMARY KEY, name text, owner text);
CREATE TABLE log (line text);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON t USING (owner = CURRENT_USER);
