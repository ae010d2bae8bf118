CREATE TABLE items (id bigint PRIMARY KEY, quantity quantity, label label);
INSERT INTO items (id, label) VALUES (1, 'a');
CREATE VIEW by_hand AS SELECT quantity, label FROM items;
