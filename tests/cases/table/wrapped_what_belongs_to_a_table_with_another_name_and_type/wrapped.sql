ALTER TABLE users RENAME TO people;
ALTER TABLE people RENAME name TO login;
ALTER TABLE people ALTER login TYPE varchar(40), ALTER id TYPE bigint;
