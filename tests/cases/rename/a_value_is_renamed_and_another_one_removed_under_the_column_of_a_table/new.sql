-- viewkeeper: 'bb' renamed from 'b'
CREATE TYPE st AS ENUM ('a', 'bb');
