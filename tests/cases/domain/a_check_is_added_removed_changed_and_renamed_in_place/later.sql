CREATE TABLE articles (id bigint PRIMARY KEY, price price);
INSERT INTO articles VALUES (1, 1.5), (2, NULL);
