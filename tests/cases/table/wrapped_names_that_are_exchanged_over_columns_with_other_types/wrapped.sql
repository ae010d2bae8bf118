ALTER TABLE t ALTER name TYPE varchar(20), ALTER other TYPE varchar(20);
