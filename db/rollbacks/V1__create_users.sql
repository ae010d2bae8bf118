-- viewkeeper: loses data: every user
DROP TABLE users;
DROP TYPE user_status;
