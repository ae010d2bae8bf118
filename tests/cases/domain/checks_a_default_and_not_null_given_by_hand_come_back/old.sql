CREATE DOMAIN login AS text CHECK (VALUE <> '');

CREATE VIEW logins AS SELECT id, name::login AS name FROM users;
