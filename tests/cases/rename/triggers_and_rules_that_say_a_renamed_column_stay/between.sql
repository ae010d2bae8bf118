ALTER TABLE users RENAME name TO login;
ALTER TABLE log RENAME TO logs;
