CREATE TABLE people (id bigint PRIMARY KEY, mood mood NOT NULL DEFAULT 'happy');
INSERT INTO people VALUES (1, 'sad'), (2, 'happy');
