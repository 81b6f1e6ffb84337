"""A record in the formats of others: hyperfine's JSON export, Google Benchmark's, and the array that
github-action-benchmark reads (customSmallerIsBetter)."""
import json
import statistics

from ratios import differences, ratios


def hyperfine(record):
    results = []
    for case in record["cases"]:
        for side in ("work", "floor"):
            for run in case[side]["runs"]:
                times = run["wall"]
                results.append({
                    "command": " ".join([f"OPENBLAS_CORETYPE={case['core']}"] * bool(case["core"])
                                        + [*case[side]["driver"], str(run["passes"])]),
                    "mean": statistics.fmean(times), "stddev": statistics.stdev(times),
                    "median": statistics.median(times), "user": statistics.fmean(run["user"]),
                    "system": statistics.fmean(run["system"]), "min": min(times), "max": max(times), "times": times,
                    "exit_codes": [0] * len(times)})
    return {"results": results}


def google(record):
    context = record["context"]
    rows = []
    for family, case in enumerate(record["cases"]):
        for index, side in enumerate(("work", "floor")):
            name = case["name"] if side == "work" else f"{case['name']}/floor"
            wall, cpu = ([1e9 * t for t in differences(case[side], clock)] for clock in ("wall", "processor"))
            common = {"family_index": family, "per_family_instance_index": index, "run_name": name,
                      "repetitions": len(wall),
                      "threads": 1 + (side == "work" and case["against"] == "1 thread"), "time_unit": "ns"}
            for repetition, (real_time, cpu_time) in enumerate(zip(wall, cpu)):
                rows.append({"name": name, **common, "run_type": "iteration", "repetition_index": repetition,
                             "iterations": case[side]["runs"][0]["passes"], "real_time": real_time, "cpu_time": cpu_time})
            rows.append({"name": f"{name}_median", **common, "run_type": "aggregate", "aggregate_name": "median",
                         "aggregate_unit": "time", "iterations": len(wall), "real_time": statistics.median(wall),
                         "cpu_time": statistics.median(cpu)})
    own = {"date": context["date"], "executable": "bench/measure.py", "num_cpus": context["cpus"],
           "mhz_per_cpu": context["mhz"], "cpu_scaling_enabled": False, "caches": [],
           "load_avg": [context["load_average"]], "library_build_type": "release"}
    return {"context": own | {key: value for key, value in context.items() if key not in own}, "benchmarks": rows}


def action(record):
    """Ratios to the floor first: they say more of the code and less of the machine than nanoseconds do."""
    out = []
    for case in record["cases"]:
        threads = case["against"] == "1 thread"
        found = ratios(case, "wall" if threads else "processor")
        if found:
            out.append({"name": f"{case['name']}: {'time/1 thread' if threads else 'time/floor'}", "unit": "ratio",
                        "value": round(found[0], 4), "range": f"{found[1]:.4f} to {found[2]:.4f}"})
    for case in record["cases"]:
        for side, name in (("work", case["name"]), ("floor", f"{case['name']}: {case['against']}")):
            times = differences(case[side], "processor")
            out.append({"name": name, "unit": "ns", "value": round(1e9 * statistics.median(times))})
    return out


FILES = {"hyperfine.json": hyperfine, "google-benchmark.json": google, "github-action-benchmark.json": action}


def text_of(value):
    """One object a line."""
    if isinstance(value, list):
        return "[\n" + ",\n".join(json.dumps(row) for row in value) + "\n]\n"
    parts = []
    for key, part in value.items():
        rows = isinstance(part, list) and "[\n" + ",\n".join("  " + json.dumps(row) for row in part) + "\n ]"
        parts.append(f" {json.dumps(key)}: {rows or json.dumps(part)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"
