CREATE TABLE numbers (id int);
