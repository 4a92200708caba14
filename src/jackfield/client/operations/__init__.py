"""One method for each operation of the native API; see `testing.client_code`."""
