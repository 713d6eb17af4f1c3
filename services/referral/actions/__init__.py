"""What the referral service does: decide, store, tell. Whoever opened the session commits."""
