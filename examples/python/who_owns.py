"""Says who owns something: `python who_owns.py sqlite:portal.db arn:aws:s3:::invoices`."""

import sys

import portal

store, ref = sys.argv[1:]
with portal.connect(store) as cat:
    print(cat.owner(ref))
