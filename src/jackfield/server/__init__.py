"""Everything a process serves that is neither a dialect nor a provider callback: start-up, health, files, the front.

`jackfield.app` puts it together.
"""
