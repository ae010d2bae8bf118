ALTER TABLE users ALTER id TYPE bigint;
ALTER TABLE users ADD COLUMN phone text;
