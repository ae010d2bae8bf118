ALTER TABLE users ALTER name TYPE text, ADD COLUMN shown text;
UPDATE users SET shown = upper(name);
