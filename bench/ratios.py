"""What follows from the rounds of a record, with an interval that assumes no distribution."""
import math
import statistics

CONFIDENCE = 0.95


def differences(side, clock):
    """Seconds of one pass in each round: T of the second run less T of the first, over the passes it has more. clock:
    "wall", or "processor" (user and system)."""
    keys = ("user", "system") if clock == "processor" else ("wall",)
    once, twice = ([sum(parts) for parts in zip(*(run[key] for key in keys))] for run in side["runs"])
    more = side["runs"][1]["passes"] - side["runs"][0]["passes"]
    return [(b - a) / more for a, b in zip(once, twice)]


def rank_of(rounds):
    """The largest r for which the r-th smallest and the r-th largest of `rounds` numbers enclose their law's median with
    probability CONFIDENCE: all fail with 2 P(Binomial(rounds, 1/2) < r)."""
    rank, tail = 0, 0
    while 2 * (tail + math.comb(rounds, rank)) <= (1 - CONFIDENCE) * 2**rounds:
        tail += math.comb(rounds, rank)
        rank += 1
    return rank


def interval(good, bad):
    """median, low and high, of numbers and of `bad` rounds that gave none: these count as the lowest for low and as the
    highest for high, and as neither for the median. None where no half of the rounds gave one, or low or high is none."""
    good, rank = sorted(good), rank_of(len(good) + bad)
    if rank <= bad or len(good) <= bad:
        return None
    return statistics.median(good), good[rank - 1 - bad], good[len(good) - rank + bad]


def ratios(case, clock):
    """Of work/floor; rounds without two positive times give none."""
    pairs = list(zip(differences(case["work"], clock), differences(case["floor"], clock)))
    good = [work / floor for work, floor in pairs if work > 0 and floor > 0]
    return interval(good, len(pairs) - len(good))


def exponents(curve, last, slope):
    """Of the last sizes of a curve of the record, a slope a round; rounds without positive times give none."""
    points = curve["points"][-last:]
    rounds = list(zip(*(differences(point["work"], "processor") for point in points)))
    sizes = [point["size"] for point in points]
    good = [slope(list(zip(sizes, times))) for times in rounds if min(times) > 0]
    return interval(good, len(rounds) - len(good))
