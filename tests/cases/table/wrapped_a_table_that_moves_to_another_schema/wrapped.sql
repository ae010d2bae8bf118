ALTER TABLE users SET SCHEMA old;
ALTER TABLE old.users ALTER name TYPE text;
