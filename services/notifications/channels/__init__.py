"""The way out: the loop that sends what is due, and the mail server it speaks to."""
