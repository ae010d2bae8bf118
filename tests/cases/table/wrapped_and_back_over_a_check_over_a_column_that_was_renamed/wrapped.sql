ALTER TABLE users ALTER name TYPE text;
ALTER TABLE users DROP CONSTRAINT old_enough;
