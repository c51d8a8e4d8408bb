"""A journal: prints each entry that comes, with `=` behind it, for ServiceManagerTests.swift."""
import os, socket, sys

os.makedirs("/run/systemd/journal", exist_ok=True)
journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
journal.bind("/run/systemd/journal/socket")
print("listens", flush=True)
while True:
    sys.stdout.buffer.write(journal.recv(1 << 16) + b"=\n")
    sys.stdout.flush()
