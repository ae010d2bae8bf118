CREATE TABLE sales (region region, amount numeric) PARTITION BY LIST (region);
CREATE TABLE northern PARTITION OF sales FOR VALUES IN ('north');
