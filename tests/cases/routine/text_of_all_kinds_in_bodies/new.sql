CREATE FUNCTION "Odd ""name"""(x text) RETURNS text LANGUAGE plpgsql AS $fn$
BEGIN
    -- $$ and $viewkeeper$ and 'quotes' and :name and {} and % and \ stay
    RETURN E'a\'b' || $$it's$$ || x || '{} %';
END
$fn$ -- before the end
;
COMMENT ON FUNCTION "Odd ""name"""(text) IS 'it''s $$ odd \';
