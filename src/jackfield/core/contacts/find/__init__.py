"""Finding contacts: filters, segments, pages, search."""
