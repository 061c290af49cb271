#!/usr/bin/env python3
"""The tool among pipes, full disks, terminals and endless lines: usage: surroundings.py TOOL [--sanitized]"""
import json
import os
import pty
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time

TOOL = sys.argv[1]
SANITIZED = "--sanitized" in sys.argv  # memory is the sanitizers' then
failures = []


def check(holds, what):
    if not holds:
        failures.append(what)
        print("not so:", what)


def order(number, day="2025-02-01"):
    return json.dumps({"ref": f"o{number}", "at": day, "customer": f"C{number:05}", "fact": "order_placed", "order": f"O{number}",
                       "amount": "1.00 EUR"}) + "\n"


def run(*arguments, **options):
    return subprocess.run([TOOL, *arguments], stdin=options.pop("stdin", subprocess.DEVNULL), stderr=subprocess.PIPE,
                          **({"stdout": subprocess.PIPE} | options), timeout=60, check=False)


def readers_that_stop(folder, feed):
    decisions = os.path.join(folder, "decisions")
    for inherited in (signal.SIG_DFL, signal.SIG_IGN):
        tool = subprocess.Popen([TOOL, "replay", feed, "--decisions", decisions], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                restore_signals=False, preexec_fn=lambda: signal.signal(signal.SIGPIPE, inherited))
        tool.stdout.read(100)
        tool.stdout.close()
        told = tool.stderr.read().decode()
        check(tool.wait() in (0, -signal.SIGPIPE), f"a reader that stops ends replay quietly, not with {tool.returncode}")
        check("rror" not in told and "cannot" not in told, f"a reader that stops is no error: {told!r}")
        with open(decisions, encoding="utf-8") as file:
            check(len(file.readlines()) == 5_000, "a reader that stops leaves the decisions whole")


def outputs_that_fail(folder, feed):
    bad = os.path.join(folder, "bad.jsonl")
    with open(bad, "w", encoding="utf-8") as file:
        file.write("no fact\n" + order(1))
    with open("/dev/full", "wb") as full:
        for command in (["replay", feed], ["replay", feed, "--format", "csv"], ["replay", feed, "--format", "table"],
                        ["explain", "C00001", "--feed", feed], ["review", "--feed", feed, "--as-of", "2025-03-01"],
                        ["machine", "list"], ["machine", "show", "relationship"], ["simulate", "--customers", "5"], ["version"],
                        ["--help"], ["replay", "--help"], ["--version"]):
            done = run(*command, stdout=full)
            check(done.returncode == 3 and b"cannot be written" in done.stderr,
                  f"{' '.join(command[:2])} on a full disk: {done.returncode}, {done.stderr[-100:]!r}")
    for option, given in (("--decisions", feed), ("--summary", feed), ("--rejected", bad)):
        done = run("replay", given, option, "/dev/full")
        check(done.returncode == 3 and option.encode() in done.stderr,
              f"{option} on a full disk: {done.returncode}, {done.stderr[-100:]!r}")
    closed = subprocess.run(["sh", "-c", '"$0" replay "$1" >&-', TOOL, feed], stderr=subprocess.PIPE, check=False)
    check(closed.returncode == 3, f"a closed standard output: {closed.returncode}")


def endless_lines(folder):
    """Rows, lines and files without an end are passed over in bounded memory."""
    huge = 256 << 20
    most = 64 << 10  # KiB
    def pour(writer, head, tail):
        with os.fdopen(writer, "wb") as pipe:
            try:
                pipe.write(head)
                block = b"[" * (1 << 20)
                for _ in range(huge >> 20):
                    pipe.write(block)
                pipe.write(tail)
            except BrokenPipeError:
                pass
    csv = ["--csv", "--fact", "order_placed"]
    for name, command, head, tail, code in (
            ("a JSON line", ["replay", "-"], b"", b"\n" + order(1).encode(), 1),
            ("a CSV cell", ["replay", "-", *csv], b'at,customer,order,amount\n"', b'"\n2025-01-01,C,O,1.00 EUR\n', 1),
            ("a CSV header", ["replay", "-", *csv], b"", b"\n", 2),
            ("a line of events", ["machine", "run", "relationship"], b"", b"\n", 2),
            ("a machine file", ["machine", "show", "--file", "/dev/stdin"], b"", b"\n", 2)):
        reader, writer = os.pipe()
        thread = threading.Thread(target=pour, args=(writer, head, tail))
        thread.start()
        peak = os.path.join(folder, "peak")
        # a child of its own, so that its peak is its own
        child = ("import resource, subprocess, sys; done = subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL); "
                 "open(sys.argv[1], 'w').write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)); sys.exit(done.returncode)")
        done = subprocess.run([sys.executable, "-c", child, peak, TOOL, *command], stdin=reader, stderr=subprocess.PIPE, check=False)
        os.close(reader)
        thread.join()
        with open(peak, encoding="ascii") as file:
            held = int(file.read())
        check(done.returncode == code, f"{name} of {huge >> 20} MiB: {done.returncode}, {done.stderr[-200:]!r}")
        check(held < most or SANITIZED, f"{name} of {huge >> 20} MiB takes {held >> 10} MiB")


def feeds_that_are_pipes(folder):
    """A named pipe can be read once only, also by a tool that would like to look ahead."""
    fifo = os.path.join(folder, "fifo")
    os.mkfifo(fifo)
    def feed():
        with open(fifo, "w", encoding="utf-8") as pipe:
            pipe.write(order(1) + '{"ref":"r","at":"2025-02-28","fact":"review_held","period":"2025-02"}\n' + order(2, "2025-03-01"))
    thread = threading.Thread(target=feed)
    thread.start()
    done = run("replay", fifo)
    thread.join()
    check(done.returncode == 0 and done.stdout.count(b"\n") == 2 and b"3 applied" in done.stderr,
          f"a named pipe as a feed: {done.returncode}, {done.stderr[-200:]!r}")


def progress():
    """A bar on a terminal when it takes longer than a second, and nowhere else."""
    for terminal in (True, False):
        try:
            mine, theirs = pty.openpty() if terminal else os.pipe()
        except OSError as fault:
            print(f"this system gives no terminal ({fault}): what is shown on one is not looked at")
            continue
        tool = subprocess.Popen([TOOL, "replay", "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=theirs)
        os.close(theirs)
        deadline = time.monotonic() + 30
        rows = "".join(order(i) for i in range(4_000)).encode()
        begun = time.monotonic()
        while time.monotonic() - begun < 2 and time.monotonic() < deadline:
            tool.stdin.write(rows)  # the same rows again and again: duplicates
            tool.stdin.flush()
            time.sleep(0.05)
        tool.stdin.close()
        told = b""
        while True:
            try:
                part = os.read(mine, 65536)
            except OSError:  # the terminal has gone
                break
            if not part:
                break
            told += part
        os.close(mine)
        check(tool.wait() == 0, f"replay of a slow feed: {tool.returncode}")
        check((b"\r" in told.replace(b"\r\n", b"\n")) == terminal, f"progress {'on' if terminal else 'off'} a terminal: {told[:200]!r}")
        check(b"rows read" in told, f"the summary comes after the progress: {told[-200:]!r}")


def main():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory() as folder:
        feed = os.path.join(folder, "feed.jsonl")
        with open(feed, "w", encoding="utf-8") as file:
            file.writelines(order(i) for i in range(5_000))
        readers_that_stop(folder, feed)
        if os.path.exists("/dev/full"):
            outputs_that_fail(folder, feed)
        feeds_that_are_pipes(folder)
        endless_lines(folder)
        progress()
    print("all well" if not failures else f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
