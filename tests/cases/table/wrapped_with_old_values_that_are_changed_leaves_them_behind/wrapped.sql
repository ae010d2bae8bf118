UPDATE users SET email = lower(email);
DELETE FROM notes WHERE text IS NULL;
INSERT INTO notes VALUES (1, 'lower case from now on');
INSERT INTO notes VALUES (1, 'again') ON CONFLICT DO NOTHING;
ALTER TABLE users ALTER email TYPE varchar(80), ADD COLUMN born date;
ALTER TABLE users RENAME email TO mail;
