CREATE TABLE app.by_hand (id integer);
