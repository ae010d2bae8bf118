CREATE TABLE orders (id bigint PRIMARY KEY, status status NOT NULL DEFAULT 'active');
INSERT INTO orders VALUES (1, 'active'), (2, 'closed');
