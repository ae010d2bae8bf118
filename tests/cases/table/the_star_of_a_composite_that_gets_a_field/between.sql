ALTER TYPE person ADD ATTRIBUTE city text;
