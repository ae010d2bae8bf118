ALTER TYPE mood ADD VALUE 'bored' BEFORE 'happy';
ALTER TABLE users ALTER name TYPE varchar(80);
