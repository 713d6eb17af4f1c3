"""The rules of planning: which meeting may be booked, what may become of it, who waits.

Pure functions over frozen values: the time, the ids and what is true now are arguments.
What facts call a session is a `Meeting` here, so that it is never mistaken for a database session.
"""
