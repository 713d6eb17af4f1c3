"""The way in for staff: passwords, codes, links that are good once, and sessions."""
