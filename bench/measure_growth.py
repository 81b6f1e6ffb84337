"""Times tasks at growing sizes: ./run bench --sizes.

usage: measure_growth.py DRIVERS SIZES.json [--rounds N] [--seconds S] [--load L]

As measure.py, without floors: in each of N (6) rounds every driver runs at every size with R and with 2R passes.
"""
import sys
import time

import plots
from growth import CURVES, values, words
from measure import context_of, measure_rounds, options_of, side_of, write


def main():
    options = options_of(rounds=6, seconds=0.05)
    context = context_of(options)
    context["gnuplot"] = plots.version()
    begin, curves = time.monotonic(), []
    for curve in CURVES:
        print(f"bench: {' '.join(curve.driver)} {curve.size}", file=sys.stderr)
        core = context["cores"][-1]
        curves.append({"figure": curve.figure, "size": curve.size, "points": [
            {"size": value, "core": core, "work": side_of(options.drivers, words(curve, value), core, options.seconds)}
            for value in values(curve)]})
    measure_rounds([point for curve in curves for point in curve["points"]], ("work",), options)
    context["took"] = round(time.monotonic() - begin)
    print(f"bench: {context['took']} s", file=sys.stderr)
    write(options.record, {"context": context, "curves": curves})


if __name__ == "__main__":
    main()
