CREATE TYPE size AS ENUM ('large', 'small', 'medium'); -- as they came
