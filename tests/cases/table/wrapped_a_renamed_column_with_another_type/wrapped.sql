ALTER TABLE users RENAME COLUMN name TO full_name;
ALTER TABLE users ALTER full_name TYPE text;
ALTER TABLE users RENAME TO people;
