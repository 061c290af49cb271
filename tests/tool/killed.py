#!/usr/bin/env python3
"""A replay into a store that is killed and given again, until it is through: usage: killed.py TOOL

After each kill the store must be sound and its decisions come out the same; the end must be the book of a replay that
nobody disturbed. PATRON_KILL_ROUNDS says how often it is killed, 10 times unless said.
"""
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

TOOL = sys.argv[1]
ROUNDS = int(os.environ.get("PATRON_KILL_ROUNDS", "10"))


def run(*arguments):
    return subprocess.run([TOOL, *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=False)


def main():
    seed = random.SystemRandom().randrange(1 << 32)
    random.seed(seed)
    killed = 0
    with tempfile.TemporaryDirectory(dir=".") as folder:
        feed, store = os.path.join(folder, "feed.jsonl"), os.path.join(folder, "book.db")
        with open(feed, "wb") as out:
            subprocess.run([TOOL, "simulate", "--customers", "1500", "--months", "8", "--seed", str(seed % 1000)], stdout=out, check=True)
        wanted = run("replay", feed).stdout
        began = time.monotonic()
        undisturbed = run("replay", feed, "--store", "sqlite:" + os.path.join(folder, "undisturbed.db"))
        takes = time.monotonic() - began
        if undisturbed.stdout != wanted:
            print("an undisturbed replay into a store shows another book")
            return 1
        for turn in range(ROUNDS):
            if os.path.exists(store) and turn % 5 == 0:
                for ending in ("", "-wal", "-shm", ".snapshot"):
                    if os.path.exists(store + ending):
                        os.remove(store + ending)
            replay = subprocess.Popen([TOOL, "replay", feed, "--store", "sqlite:" + store, "--threads", str(1 + turn % 2)],
                                      stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(random.random() * takes * 0.9)
            replay.send_signal(signal.SIGKILL)
            killed += replay.wait() == -signal.SIGKILL
            if not os.path.exists(store):
                continue
            for command in (["store", "check"], ["audit"]):
                after = run(*command, "--store", "sqlite:" + store)
                # killed before its first commit it may be no store yet
                if after.returncode != 0 and b"io_failure" not in after.stderr:
                    print(f"seed {seed}, turn {turn}: {' '.join(command)} ends with {after.returncode}:",
                          after.stdout.decode()[-500:], after.stderr.decode()[-500:])
                    return 1
        whole = run("replay", feed, "--store", "sqlite:" + store)
        if whole.stdout != wanted:
            print(f"seed {seed}: after {killed} kills the book is another", whole.stderr.decode())
            return 1
    print(f"killed {killed} of {ROUNDS} times")
    return 0


if __name__ == "__main__":
    sys.exit(main())
