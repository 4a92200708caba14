"""Why a contact file as a whole cannot be read (a single bad row is a `RefusedRow` instead)."""

from __future__ import annotations

from jackfield.core.ground.errors import Invalid


class UnreadableFile(Invalid):
    """The file cannot be read as a table of contacts.

    `code` is stable and made for programs: `empty_file`, `no_rows`, `binary_file`, `old_excel`,
    `other_document`, `broken_xlsx`, `broken_json`, `unknown_sheet`, `unknown_encoding`, `unsure_encoding`,
    `line_too_long`, `too_many_columns`,
    `unclosed_quote`, `too_large`, `no_phone_column`, `unknown_column`, `unknown_country`.  `message` is a
    sentence for people that says what to do.  `line` is the line (or spreadsheet row) at which reading stopped,
    when it is known: rows before it may already have been yielded.
    """

    def __init__(self, code: str, message: str, *, line: int | None = None) -> None:
        super().__init__(message, code=code)
        self.line = line
