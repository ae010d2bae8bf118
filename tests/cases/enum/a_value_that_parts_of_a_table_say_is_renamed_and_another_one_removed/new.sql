-- viewkeeper: 'blue' renamed from 'sad'
CREATE TYPE mood AS ENUM ('blue', 'happy');
