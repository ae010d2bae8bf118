CREATE TABLE numbers (id int, text text);
