CREATE SCHEMA archive;
CREATE TYPE mood AS ENUM ('fine', 'tired');
CREATE DOMAIN archive.short AS varchar(10);
ALTER TABLE users ADD mood mood, ALTER COLUMN name TYPE varchar;
ALTER TABLE users RENAME CONSTRAINT users_pkey TO users_key;
