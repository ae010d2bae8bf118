CREATE TABLE levels (low high, high low);
