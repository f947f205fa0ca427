"""The whole of training once more, slow and plain: NumPy in double precision, one page a family.

Every page is written from the papers, PyTorch's documentation and the formulas that members and documents state, never
from the engine. Where an answer is a matter of taste (which rows, which mask), the page says which one is promised.
Two things alone are taken over: random numbers, as the documented functions of (seed, purpose, step, index), and first
weights, which a trainer is asked for. `training.Reference` is the loop that brings the pages together.
"""
