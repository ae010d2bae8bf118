CREATE VIEW ages AS SELECT id, phone, name FROM users;
CREATE VIEW phones AS SELECT phone FROM ages;
