CREATE TYPE region AS ENUM ('north', 'south');
