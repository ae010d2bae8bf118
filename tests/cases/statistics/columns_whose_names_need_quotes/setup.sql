CREATE TABLE users (id bigint PRIMARY KEY, "Total" integer, "x y" text, "order" integer);
