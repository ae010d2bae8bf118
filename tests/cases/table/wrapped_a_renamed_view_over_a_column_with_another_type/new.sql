-- viewkeeper: renamed from writers
CREATE VIEW authors AS SELECT id, name FROM users;
CREATE VIEW writer_names AS SELECT name FROM authors;
