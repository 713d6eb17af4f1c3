"""Work of the referral service that nobody asks for."""
