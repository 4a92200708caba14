"""What came in and could not be applied: kept, shown, replayed, and removed in time."""
