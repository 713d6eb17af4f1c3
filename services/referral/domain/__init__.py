"""The rules of referral: pure decisions about people, referrals, cases, agreement and contact."""
