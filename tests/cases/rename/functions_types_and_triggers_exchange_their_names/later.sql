CREATE TABLE levels (low low, high high);
