"""Curves as SVG by gnuplot, in the style of io/plot.c: log-log, with Okabe and Ito's colours, hollow symbols."""
import shutil
import subprocess

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#000000", "#CC79A7", "#E69F00", "#56B4E9")
SYMBOLS = (6, 4, 8, 10, 12)
DASHES = (1, 2, 4, 3, 5)

SETTINGS = """set encoding utf8
set terminal svg size 640,440 dynamic enhanced font 'sans,12' background '#ffffff'
set border 3 linecolor '#808080' linewidth 0.75
set tics nomirror scale 0.6 textcolor '#303030'
set grid linetype 1 linecolor '#e2e2e2' linewidth 0.5
set key outside bottom center horizontal Left reverse noenhanced samplen 2.5 width -1 height 1
set bars 0.4
set pointsize 0.6
set xlabel "size, relative to the smallest" offset 0,0.5
set ylabel "processor time of a pass (ms)"
set logscale x 2
set logscale y 10
set format y '%g'
"""


def version():
    """None: there is none."""
    if not shutil.which("gnuplot"):
        return None
    return subprocess.run(["gnuplot", "--version"], capture_output=True, text=True, check=True).stdout.strip()


def svg(title, curves):
    """curves: (label, [(x, y, low, high), ...], slope): measured points, and through the last one a line of that slope, the
    expected one; None: no line."""
    script, parts = [SETTINGS, f'set title "{title}" noenhanced\n'], []
    largest = max(x for _, points, _ in curves for x, *_ in points)
    script.append(f"set xrange [{1 / 1.3}:{largest * 1.3}]\n")
    for k, (label, points, slope) in enumerate(curves):
        look = f"linetype 1 linecolor '{PALETTE[k % len(PALETTE)]}'"
        script.append(f"$points{k} << EOD\n" + "".join(" ".join(f"{v:.6g}" for v in p) + "\n" for p in points) + "EOD\n")
        parts.append(f"$points{k} using 1:2:3:4 with yerrorbars {look} linewidth 1 pointtype {SYMBOLS[k % len(SYMBOLS)]} "
                     f'title "{label}"')
        if slope is not None:
            x, y = points[-1][:2]
            parts.append(f"{y:.6g}*(x/{x:.6g})**{slope:.6g} with lines {look} linewidth 1 dashtype {DASHES[k % len(DASHES)]} "
                         "notitle")
    script.append("plot " + ", ".join(parts) + "\n")
    done = subprocess.run(["gnuplot", "-d", "-"], input="".join(script), capture_output=True, text=True, check=True)
    return done.stdout[done.stdout.index("<svg"):]
