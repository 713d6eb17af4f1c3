"""Tests of the referral service."""
