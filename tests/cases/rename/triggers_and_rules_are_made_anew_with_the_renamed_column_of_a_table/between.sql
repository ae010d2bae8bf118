ALTER TABLE users RENAME name TO "the login";
