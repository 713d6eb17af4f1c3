"""What the referral service does by itself, without being asked."""
