CREATE TYPE region AS ENUM ('north', 'east', 'south');
