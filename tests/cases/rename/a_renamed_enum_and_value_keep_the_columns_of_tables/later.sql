CREATE TABLE people (name text, mood mood DEFAULT 'sad');
