#!/usr/bin/env python3
"""No function is defined by two object files of the static library: check_definitions.py NM LIBRARY

The linker takes the first and says nothing until the library is linked whole or shared. The usual cause
is an .ipp that includes another .ipp: it should include that one's header.
"""
import collections
import subprocess
import sys


def twice(listing):
    """The symbols that `nm --print-file-name` lists as defined, strongly, in more than one object."""
    places = collections.defaultdict(set)
    for line in listing.splitlines():
        head, _, symbol = line.partition(" T ")
        if symbol:
            places[symbol].add(head.split(":")[1])
    return {symbol: sorted(objects) for symbol, objects in places.items() if len(objects) > 1}


assert twice("a.a:x.o:00 T f()\na.a:y.o:00 T f()\na.a:y.o:00 W g()\na.a:x.o:00 W g()\n") == {"f()": ["x.o", "y.o"]}

tool, library = sys.argv[1:]
listing = subprocess.run([tool, "-C", "--defined-only", "--print-file-name", library],
                         check=True, capture_output=True, text=True).stdout
faults = twice(listing)
for symbol, objects in sorted(faults.items()):
    print(f"{symbol} is defined in {' and '.join(objects)}", file=sys.stderr)
print(f"{listing.count(' T ')} definitions, {len(faults)} of them twice")
sys.exit(1 if faults else 0)
