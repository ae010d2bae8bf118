CREATE VIEW everybody AS SELECT * FROM users; CREATE VIEW above AS SELECT e.*, 1 AS one FROM everybody e;
