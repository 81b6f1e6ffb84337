"""The assay command as a process: streams, terminals, signals, files left behind.

usage: check_process.py ASSAY ASSAY_FALSE_PAPER [unittest options]
"""

import json
import os
import pty
import re
import signal
import subprocess
import time
import unittest

import numpy as np

from command import ASSAY, FIELD, MODEL, USES, Command

# Seconds of work without output, and seconds of writing a file.
SILENT = ["dae", "theory", *MODEL, "--steps", "100000", "--digits", "300"]
WRITING = ["dae", "generate", *MODEL, "--dimension", "1000000", "--steps", "2", "--count", "100", "--threads", "1",
           "--out", "x.npy"]
ERASE = b"\r\x1b[K"


class Streams(Command):
    def test_a_stdout_that_cannot_be_written_is_an_error(self):
        for arguments in (["--help"], ["--version"], ["claims", "--help"], ["dae", "--help"], *USES.values(),
                          *([*use, "--json"] for use in USES.values())):
            for redirection in (">/dev/full", ">&-"):
                done = subprocess.run(["sh", "-c", f'exec "$0" "$@" {redirection}', ASSAY, *arguments], text=True,
                                      cwd=self.directory.name, stderr=subprocess.PIPE, check=False)
                self.assertEqual((done.returncode, done.stderr),
                                 (2, "assay: standard output: could not be written\n"), arguments)

    def test_a_reader_that_leaves_ends_the_command(self):
        np.save(self.path("points.npy"), np.zeros((20000, 2)))
        with subprocess.Popen([ASSAY, *USES["field"]], cwd=self.directory.name, stdout=subprocess.PIPE) as process:
            process.stdout.close()
            self.assertEqual(process.wait(60), -signal.SIGPIPE)

    def test_what_cannot_be_written_is_told_before_the_work(self):
        """Each of these would compute for minutes, or out of memory."""
        huge = ["dae", "generate", *MODEL, "--dimension", str(2**40), "--count", str(2**30)]
        np.save(self.path("points.npy"), np.zeros((200000, 2)))
        component = {"weight": 1, "mean": [0, 1], "covariance": 1}
        self.write("mixture.json", json.dumps({"dimension": 2, "components": [component] * 1000}))
        for arguments in (huge, ["field", "--engine", "reference", *USES["field"][1:]]):
            self.refuse(*arguments, "--out", "none/x.npy", says=["none/x.npy"])
            self.refuse(*arguments, "--out", ".", says=[".", "not a regular file"])
        for option in ("--record", "--junit", "--html", "--figures"):
            self.refuse("verify", "--level", "full", option, "none/x", says=["none/x"])
        self.refuse("verify", "--level", "full", "--record", "x", "--html", "x", says=["--record", "--html", "x"])
        self.assertEqual(self.files(), [])


class Signals(Command):
    def start(self, arguments, **how):
        return subprocess.Popen([ASSAY, *arguments], cwd=self.directory.name, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL, **how)

    def wait_until_written(self, process, size):
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            if sum(os.path.getsize(self.path(name)) for name in self.files()) >= size:
                return
            time.sleep(0.01)
        self.fail("no file of that size was being written")

    def test_an_interrupt_leaves_no_half_file(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.start(WRITING) as process:
                self.wait_until_written(process, 10**6)
                process.send_signal(number)
                self.assertEqual(process.wait(30), -number)
            self.assertEqual(self.files(), [])

    def test_a_signal_ignored_by_the_caller_stays_ignored(self):
        def nohup():
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        with self.start(WRITING, preexec_fn=nohup) as process:
            self.wait_until_written(process, 10**6)
            process.send_signal(signal.SIGHUP)
            with self.assertRaises(subprocess.TimeoutExpired):
                process.wait(0.3)
            process.terminate()
            self.assertEqual(process.wait(30), -signal.SIGTERM)


def open_terminal():
    try:
        return pty.openpty()
    except OSError as error:  # a chroot without /dev/pts
        raise unittest.SkipTest(f"no terminals to be had here: {error}") from error


class Terminal(Command):
    def on_terminal(self, arguments, stop=None):
        """stderr (a terminal), stdout (not one) and the exit status; `stop` is sent once a line is seen."""
        controller, terminal = open_terminal()
        with open(self.path("stdout.txt"), "wb") as stdout:
            process = subprocess.Popen([ASSAY, *arguments], cwd=self.directory.name, stdout=stdout, stderr=terminal)
        os.close(terminal)
        seen = b""
        while True:
            try:
                piece = os.read(controller, 65536)
            except OSError:  # what Linux says when the last writer has closed
                break
            if not piece:
                break
            seen += piece
            if stop and seen.count(ERASE) > 2:
                process.send_signal(stop)
                stop = None
        os.close(controller)
        with open(self.path("stdout.txt"), "rb") as stdout:
            return seen, stdout.read(), process.wait(60)

    def test_a_progress_line_moves_and_goes(self):
        np.save(self.path("points.npy"), np.zeros((40000, 2)))
        np.save(self.path("many.npy"), np.zeros((1000000, 2)))
        component = {"weight": 1, "mean": [0, 1], "covariance": 1}
        self.write("mixture.json", json.dumps({"dimension": 2, "components": [component] * 20}))
        denoiser = [*FIELD, "--quantity", "denoiser", "--time", "1/3"]
        many = [*("many.npy" if word == "points.npy" else word for word in denoiser), "--out", "v.npy"]
        for arguments in (SILENT, [*denoiser, "--digits", "500"], many):  # the second in pieces
            seen, out, status = self.on_terminal(arguments)
            self.assertEqual(status, 0)
            shown = [int(percent) for percent in re.findall(rb"\r\x1b\[K *(\d+) %  \w", seen)]
            self.assertGreater(len(shown), 1, arguments)
            self.assertEqual(shown, sorted(shown), arguments)
            self.assertLess(len(shown), 300, arguments)  # a terminal is no log: some ten a second
            self.assertTrue(seen.endswith(ERASE), arguments)
            self.assertNotIn(b"\n", seen)
            self.assertNotIn(b"\x1b", out)
            quiet = self.on_terminal([*arguments, "--quiet"])
            self.assertEqual(quiet, (b"", out, 0))

    def test_it_goes_before_a_failure(self):
        """The disk is full: 1 MB is the largest file allowed."""
        limited = ["sh", "-c", 'trap "" XFSZ; ulimit -f 1000; exec "$0" "$@"', ASSAY, *WRITING]
        controller, terminal = open_terminal()
        process = subprocess.Popen(limited, cwd=self.directory.name, stderr=terminal)
        os.close(terminal)
        seen = b""
        while not seen.endswith(b"\n"):
            seen += os.read(controller, 65536)
        os.close(controller)
        self.assertEqual(process.wait(30), 2)
        self.assertRegex(seen, rb"\A(\r\x1b\[K *\d+ %  [^\r\n]*)+\r\x1b\[Kassay dae generate: [^\r\n]*x\.npy[^\r\n]*\r\n\Z")
        self.assertEqual(self.files(), [])

    def test_it_goes_before_an_interrupt(self):
        seen, _, status = self.on_terminal(SILENT, stop=signal.SIGINT)
        self.assertEqual(status, -signal.SIGINT)
        self.assertTrue(seen.endswith(ERASE))


if __name__ == "__main__":
    unittest.main()
