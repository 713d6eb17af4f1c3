"""What the pages of all services share: layouts, macros, form reading, text rules, London time."""
