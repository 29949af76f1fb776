"""What Carnet remembers: tables, one file of functions a noun, migrations."""
