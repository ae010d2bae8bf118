ALTER TABLE bills ALTER COLUMN number SET DEFAULT nextval('numbers');
