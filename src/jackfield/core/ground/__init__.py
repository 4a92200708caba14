"""What every room stands on: the unit of work, the bus, events, errors, pages, ownership. Knows no other room."""
