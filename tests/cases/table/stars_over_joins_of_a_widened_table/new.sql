CREATE VIEW left_joined AS SELECT * FROM users LEFT JOIN logins USING (id);
CREATE VIEW full_joined AS SELECT * FROM users FULL JOIN logins USING (id) WHERE id > 1;
CREATE VIEW naturally AS SELECT * FROM users NATURAL JOIN logins;
CREATE VIEW joined_as AS SELECT j.* FROM (users JOIN logins USING (id)) AS j;
CREATE VIEW crossed (a, b, c, g, d, e) AS SELECT * FROM users, logins;
