CREATE TABLE countries (code code PRIMARY KEY, others code[]);
