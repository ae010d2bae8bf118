UPDATE users SET name = upper(name);
ALTER TABLE users ALTER name TYPE text USING trim(name);
