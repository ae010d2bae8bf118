CREATE TRIGGER by_a_migration BEFORE INSERT ON users FOR EACH ROW WHEN (is_good(NEW."the login")) EXECUTE FUNCTION noted();
