-- viewkeeper: renamed from writers
CREATE VIEW authors AS SELECT id, name FROM users;
