"""Has a daemon's database tell of another boot, for DaemonLifeTests.swift: another_boot.py DATABASE."""
import sqlite3, sys

database = sqlite3.connect(sys.argv[1])
assert database.execute("UPDATE fact SET value = 'another' WHERE name = 'boot_id'").rowcount == 1
database.commit()
