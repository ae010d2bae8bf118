CREATE TABLE people (id bigint, mood mood, moods mood[]);
