CREATE VIEW w AS SELECT ROW(2.5, 'USD')::money_amount AS price;
