"""What a choice will do, computed before it is made: on copies, which then happen exactly so.

All randomness is a function of (seed, purpose, step, index), so a copy that is trained is the run's own future.
"""
