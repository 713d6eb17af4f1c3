"""What people do: those who refer, those who coordinate, plan and write letters."""
