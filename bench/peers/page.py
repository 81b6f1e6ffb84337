"""What docs/performance.md says of the peers, from results/bench/peers.json; and whether that is a record of them."""
import statistics

from page import ratio_text, seconds_text
from peers.tasks import TASKS, ours_of
from ratios import differences, ratios


def time_text(side):
    median = statistics.median(differences(side, "processor"))
    return seconds_text(median) if median > 0 else "-"


def ratio_of(ours, peer, clock="processor"):
    return ratios({"work": peer, "floor": ours}, clock)


def goal_text(goal, found):
    if goal is None:
        return "-"
    if found is None:
        return f"{goal:g}: too disturbed to tell"
    _, low, high = found
    return f"{goal:g}: {'met' if low >= goal else '**missed**' if high < goal else 'open'}"


def rows(record):
    for task, measured in zip(TASKS, record["tasks"]):
        for ours in measured["ours"]:
            for peer in measured["peers"]:
                found = ratio_of(ours, peer)
                yield (f"| {task.name} | {ours['name']} | {peer['name']} | {time_text(ours)} | "
                       f"{time_text(peer)} | {ratio_text(found)} | "
                       f"{goal_text(task.goals.get((ours['name'], peer['name'])), found)} |")


def peers_section(record):
    context = record["context"]
    quiet = "nothing else ran" if context["quiet"] else "**other work ran: the times are not those of a quiet machine**"
    yield from ("## Beside other libraries", "",
                "Written by `./run bench --peers` from results/bench/peers.json. The same work by libraries that others use,",
                "as fast as we could make them do it on one thread (bench/peers/ has the code) unless it says otherwise, in alternating runs with ours",
                "and timed likewise. Each peer's numbers are held against ours before anything is timed. Ratio: the peer's time",
                "over ours, more than 1 where we are faster (-: too disturbed to tell). Goal: the ratio we set out to reach: met or missed by the whole",
                "interval in brackets, else open.", "")
    yield from ("| task | ours | peer | our time | peer's time | ratio | goal |", "|---|---|---|---|---|---|---|", *rows(record))
    yield from ("", "What stands behind goals that are missed: by linear forms a field is, at its best, little more than its matrix",
                "products in the nearest caches (isotropic: two; diagonal: four; full: one with a d x d matrix a component), and no",
                "one is ten times as fast as those; ours adds a proved bound. \"Whole arrays\" is the same code as one writes it.",
                "A plain epoch of Adam reads n d numbers, 410 MB: memory sets its time. Near t = 0 and t = 1 signs are in doubt more",
                "often, so the lazy loop multiplies more rows. \"malloc left alone\" is PyTorch as it comes.")
    yield from ("", "| task | work of a pass |", "|---|---|", *(f"| {task.name} | {task.what} |" for task in TASKS))
    yield from ("", f"- {context['cpu']}, {context['cpus']} cores; load average before the run {context['load_average']}: {quiet}",
                f"- {context['rounds']} rounds in {context['took']} s; OpenBLAS's core type {context['core']} for all; "
                f"{context['date']}; commit {context['commit']}",
                "- " + ", ".join(f"{name} {version}" for name, version in context["libraries"].items()))


def problems(record):
    """What makes a record no record of these peers."""
    context = record["context"]
    if [task["name"] for task in record["tasks"]] != [task.name for task in TASKS]:
        yield f"peers: tasks {', '.join(task['name'] for task in record['tasks'])}"
        return
    for task, measured in zip(TASKS, record["tasks"]):
        for key, expected in (("ours", ours_of(task, context["isa"])), ("peers", task.peers)):
            if {side["name"]: tuple(side["driver"]) for side in measured[key]} != expected:
                yield f"peers: {task.name}: {key} are not {', '.join(expected)}"
                return
        for side in measured["ours"] + measured["peers"]:
            first, second = (run["passes"] for run in side["runs"])
            if first < 1 or (first, second) != task.passes.get(side["name"], (first, 2 * first)):
                yield f"peers: {task.name}: {side['name']}: passes {first}, {second}"
            if any(len(run[key]) != context["rounds"] for run in side["runs"] for key in ("wall", "user", "system")):
                yield f"peers: {task.name}: {side['name']}: another number of runs than rounds"
                return
        sides = {side["name"]: side for side in measured["ours"] + measured["peers"]}
        if context["quiet"] and any(ratio_of(sides[ours], sides[peer]) is None for ours, peer in task.goals if ours in sides):
            yield f"peers: {task.name}: too noisy to tell whether a goal is met: take more rounds"
