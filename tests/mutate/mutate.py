"""./run mutate [--count N] [--seed S] [--workers J] [PATH...]: does a test notice when an operator, a number or a sign is wrong?

One edit at a time is made in a private copy of the sources (build/mutate/1/tree), built, and tested: the tests of the
file's layer first, then those that set layers against each other, the claims, the committed results, the command. The
first red test kills it; so does one that takes too long. What compiles to the same object code is left out, and so is
what someone has looked at and found without consequence: tests/mutate/equivalent.json says why. Survivors are listed;
each is a missing test, or belongs into that file. The record is build/mutate/report.json.
"""
import argparse
import collections
import contextlib
import hashlib
import json
import os
import pathlib
import random
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time

from edits import apply, edits_of

# The folders of tests that may notice, the likeliest first.
LAYERS = {
    "reference": ["reference", "oracle", "cross", "claims", "results", "accuracy", "cli", "allocation", "fuzz"],
    "fast": ["fast", "cross", "claims", "results", "accuracy", "cli", "allocation"],
    "theory": ["theory", "results", "claims", "cli", "allocation"],
}
EQUIVALENT = "tests/mutate/equivalent.json"
MEMORY = 8 << 30
VERIFY = [["verify", "--quiet"], ["verify", "--control", "--quiet"]]


def run(command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                          **options)


def succeeds(command, limit, **options):
    """Within `limit` seconds and MEMORY bytes; what it started ends with it. Signals are not ignored in it, as nohup or
    a shell in the background would have it."""
    def bound():
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        for number in (signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)

    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
                               preexec_fn=bound, **options)
    try:
        return process.wait(limit) == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def copy_sources(root, tree):
    """What git knows or would add; files that did not change keep their time, so that little is built again."""
    listed = run(["git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard"]).stdout.split("\n")
    wanted = {name for name in listed if name and (root / name).is_file()}
    for old in tree.rglob("*"):
        if old.is_file() and str(old.relative_to(tree)) not in wanted:
            old.unlink()
    for name in wanted:
        new = tree / name
        if not new.exists() or new.read_bytes() != (root / name).read_bytes():
            new.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / name, new)


class Project:
    def __init__(self, root, worker):
        home = root / "build/mutate" / str(worker)
        self.tree, self.build = home / "tree", home / "build"
        self.tree.mkdir(parents=True, exist_ok=True)
        copy_sources(root, self.tree)
        made = run(["cmake", "-S", self.tree, "-B", self.build, "-G", "Ninja", "-Wno-dev", "-DCMAKE_BUILD_TYPE=Release",
                    "-DCMAKE_C_FLAGS_RELEASE=-O2 -DNDEBUG"])
        if made.returncode == 0:
            made = self.ninja([])
        if made.returncode:
            sys.exit("mutate: the sources do not build\n" + made.stdout)
        self.tests, self.seconds, self.programs = self.list_tests(), {}, {}
        self.kills = collections.Counter()  # (file, test)
        self.assay = self.build / "bin/assay"
        self.objects = self.hash_objects()

    def ninja(self, targets):
        return run(["ninja", "-C", self.build, *targets])

    def list_tests(self):
        listed = json.loads(run(["ctest", "--show-only=json-v1"], cwd=self.build).stdout)["tests"]
        for test in listed:
            properties = {p["name"]: p["value"] for p in test["properties"]}
            test["place"] = properties["WORKING_DIRECTORY"]
            test["layer"] = os.path.relpath(test["place"], self.build / "tests").split("/")[0]
            test["environment"] = dict(pair.split("=", 1) for pair in properties.get("ENVIRONMENT", []))
            test["targets"] = [os.path.relpath(part, self.build) for part in test["command"]
                               if part.startswith(str(self.build)) and os.path.isfile(part)]
        return listed

    def hash_objects(self):
        return {path: hashlib.sha256(path.read_bytes()).digest() for layer in LAYERS
                for path in (self.build / layer).rglob("*.o")}

    def passes(self, name, command, targets, cwd, environment):
        """Builds what a test needs and runs it, within six times (and ten seconds) of what it took before the edit.
        A program that comes out the same as before the edit need not be run."""
        if targets and self.ninja(targets).returncode:
            return False
        made = [hashlib.sha256((self.build / part).read_bytes()).digest() for part in targets]
        if made == self.programs.setdefault(name, made) and name in self.seconds:
            return True
        start, limit = time.monotonic(), self.seconds.get(name, 600) * 6 + 10
        good = succeeds(command, limit, cwd=cwd, env={**os.environ, **environment})
        self.seconds.setdefault(name, time.monotonic() - start)
        return good

    def judges(self, path):
        """(name, arguments of passes) of every test that may judge a file, the likeliest to notice first."""
        layer, stem = path.parts[0], path.stem
        order = {name: i for i, name in enumerate(LAYERS[layer])}
        used = [t for t in self.tests if t["layer"] in order]
        used.sort(key=lambda t: (-self.kills[path, t["name"]], order[t["layer"]], stem not in t["name"],
                                 self.seconds.get(t["name"], 0)))
        found = [(t["name"], (t["command"], t["targets"], t["place"], t["environment"])) for t in used]
        if self.assay.exists():
            found += [("assay " + " ".join(v), ([self.assay, *v], ["bin/assay"], self.tree, {})) for v in VERIFY]
        return found

    def baseline(self, paths):
        """Which judges are green, and how long they take."""
        self.red = set()
        for name, how in {j[0]: j[1] for path in paths for j in self.judges(path)}.items():
            if not self.passes(name, *how):
                self.red.add(name)
                print(f"mutate: {name} is red without any edit and judges nothing", flush=True)

    def judge(self, edit):
        """(result, who told)."""
        source = self.tree / edit.path
        text = source.read_text()
        source.write_text(apply(edit, text))
        try:
            layers = [f"{layer}/all" for layer in LAYERS if (self.build / layer).is_dir()]
            if self.ninja(layers).returncode:
                return "killed", "compiler"
            if self.hash_objects() == self.objects:
                return "same code", ""
            for name, how in self.judges(pathlib.Path(edit.path)):
                if name not in self.red and not self.passes(name, *how):
                    self.kills[pathlib.Path(edit.path), name] += 1
                    return "killed", name
            return "survived", ""
        finally:
            source.write_text(text)


GENERATED = "/* Written by "  # tables that a program of ours made: data, without formulas


def find_edits(root, paths):
    files = sorted({file for path in paths for file in
                    ([root / path] if (root / path).is_file() else (root / path).rglob("*.[ch]"))})
    texts = [(str(file.relative_to(root)), file.read_text()) for file in files]
    return [edit for name, text in texts if not text.startswith(GENERATED) for edit in edits_of(name, text)]


def lines_of(edit, text):
    """The line before and after."""
    changed = apply(edit, text)
    begin, end = text.rfind("\n", 0, edit.begin) + 1, text.find("\n", edit.end)
    return text[begin:end].strip(), changed[begin:len(changed) - len(text) + end].strip()


def known_equivalents(root):
    """{(file, line before, line after): reason}"""
    path = root / EQUIVALENT
    listed = json.loads(path.read_text()) if path.exists() else []
    return {(e["file"], e["before"], e["after"]): e["reason"] for e in listed}


class Hunt:
    """What the workers share: the edits still to be judged, and what became of the others."""
    def __init__(self, root, edits, count):
        self.edits, self.count = list(enumerate(edits)), count
        self.known, self.lock = known_equivalents(root), threading.Lock()
        self.record, self.judged = {}, 0

    def next_edit(self):
        with self.lock:
            return self.edits.pop(0) if self.edits and self.judged < self.count else None

    def work(self, project):
        while (taken := self.next_edit()) is not None:
            number, edit = taken
            start, lines = time.monotonic(), lines_of(edit, (project.tree / edit.path).read_text())
            result, by = ("equivalent", "") if (edit.path, *lines) in self.known else project.judge(edit)
            with self.lock:
                self.judged += result in ("killed", "survived")
                self.record[number] = {"file": edit.path, "line": edit.line, "kind": edit.kind, "before": edit.before,
                                       "after": edit.after, "result": result, "by": by,
                                       "seconds": round(time.monotonic() - start, 1)}
                print(f"{result:9} {edit.path}:{edit.line}: {edit.before.strip()} -> {edit.after.strip() or 'nothing'}"
                      + (f" ({by})" if by else ""), flush=True)
                if result == "survived":
                    print("    -%s\n    +%s" % lines, flush=True)

    def outcome(self):
        """The first `count` edits that could be judged, and those between them, in their order: the same for any number
        of workers."""
        found, judged = [], 0
        for number in sorted(self.record):
            if judged == self.count:
                break
            found.append(self.record[number])
            judged += found[-1]["result"] in ("killed", "survived")
        return found


def main(arguments, root):
    parser = argparse.ArgumentParser(prog="./run mutate", description=__doc__.split("\n")[0].split(": ", 1)[1])
    parser.add_argument("--count", type=int, default=20, help="how many edits are tried (20)")
    parser.add_argument("--seed", type=int, default=1, help="which ones (1)")
    parser.add_argument("--workers", type=int, default=1, help="how many are judged at a time (1)")
    parser.add_argument("paths", nargs="*", metavar="PATH", default=list(LAYERS), help="files or folders")
    options = parser.parse_args(arguments)
    for path in options.paths:
        if not (root / path).exists() or pathlib.Path(path).parts[0] not in LAYERS:
            parser.error(f"{path}: expected a file or folder in {', '.join(LAYERS)}")
    projects = [Project(root, 1 + worker) for worker in range(options.workers)]
    edits = find_edits(projects[0].tree, options.paths)
    random.Random(options.seed).shuffle(edits)
    hunt, paths = Hunt(projects[0].tree, edits, options.count), sorted({pathlib.Path(edit.path) for edit in edits})

    def prepare_and_work(project):
        project.baseline(paths)
        hunt.work(project)

    workers = [threading.Thread(target=prepare_and_work, args=(project,)) for project in projects]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    record = hunt.outcome()
    counts = {result: sum(r["result"] == result for r in record)
              for result in ("killed", "survived", "same code", "equivalent")}
    report = root / "build/mutate/report.json"
    report.write_text(json.dumps({"seed": options.seed, **counts, "edits": record}, indent=1) + "\n")
    print(f"{counts['killed']} killed, {counts['survived']} survived; not judged: {counts['same code']} without effect on "
          f"the code, {counts['equivalent']} known to be without consequence; seed {options.seed}, of {len(edits)} edits; "
          f"{report}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], pathlib.Path(__file__).resolve().parents[2]))
