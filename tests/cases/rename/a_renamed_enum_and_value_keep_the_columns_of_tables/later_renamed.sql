CREATE TABLE people (name text, mood feeling DEFAULT 'blue');
