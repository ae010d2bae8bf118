ALTER TABLE users ALTER COLUMN city TYPE varchar(80);
