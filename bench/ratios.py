"""time/floor from the rounds of a record, with an interval that assumes no distribution."""
import math
import statistics

CONFIDENCE = 0.95


def differences(side, clock):
    """Seconds of one pass in each round: (T(2R) - T(R))/R. clock: "wall", or "processor" (user and system)."""
    keys = ("user", "system") if clock == "processor" else ("wall",)
    once, twice = ([sum(parts) for parts in zip(*(run[key] for key in keys))] for run in side["runs"])
    return [(b - a) / side["runs"][0]["passes"] for a, b in zip(once, twice)]


def rank_of(rounds):
    """The largest r for which the r-th smallest and the r-th largest of `rounds` numbers enclose their law's median with
    probability CONFIDENCE: all fail with 2 P(Binomial(rounds, 1/2) < r)."""
    rank, tail = 0, 0
    while 2 * (tail + math.comb(rounds, rank)) <= (1 - CONFIDENCE) * 2**rounds:
        tail += math.comb(rounds, rank)
        rank += 1
    return rank


def ratios(case, clock):
    """median, low and high of work/floor. A round without two positive times counts as 0 for low and as infinity for
    high, and as neither for the median; None where no half of the rounds has them, or low or high would be such."""
    pairs = list(zip(differences(case["work"], clock), differences(case["floor"], clock)))
    good = sorted(work / floor for work, floor in pairs if work > 0 and floor > 0)
    bad, rank = len(pairs) - len(good), rank_of(len(pairs))
    if rank <= bad or 2 * len(good) <= len(pairs):
        return None
    return statistics.median(good), good[rank - 1 - bad], good[len(good) - rank + bad]
