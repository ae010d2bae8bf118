CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TYPE unused AS ENUM ('a');
