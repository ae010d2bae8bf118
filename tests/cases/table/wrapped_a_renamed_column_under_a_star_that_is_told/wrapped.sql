ALTER TABLE users RENAME COLUMN name TO full_name;
ALTER TABLE users ALTER full_name TYPE varchar(80);
