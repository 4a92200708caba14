"""`python -m jackfield`."""

from jackfield.cli import app

if __name__ == "__main__":
    app()
