"""The rules of reaching people: pure, with time and ids as arguments."""
