"""Tools for assistants (language models), by the Model Context Protocol.

The tools call the native API with the caller's own key, so that scopes, limits and the audit log hold as for every caller.
`tools` has them; `jackfield mcp` serves them over stdio, and `endpoint` at `/mcp`. Only `tools` imports the `mcp` package,
which takes a second and 40 MB: no server pays for it before an assistant calls.
"""
