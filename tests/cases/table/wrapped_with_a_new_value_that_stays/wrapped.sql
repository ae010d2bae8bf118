ALTER TYPE mood ADD VALUE IF NOT EXISTS 'bored' BEFORE 'happy';
ALTER TABLE users ALTER name TYPE varchar(80);
