"""What contacts are grouped by: tags, lists, attributes."""
