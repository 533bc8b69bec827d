"""The trash: machines that were deleted and can still be brought back, and what purges them in time."""
