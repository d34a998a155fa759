"""Naive twins of the room ``link``: loops that say what is meant. NumPy only."""

import math

import numpy as np

NAN = float("nan")


def valence_track(spans, seconds):
    """Spans (start_s, stop_s, valence) on whole milliseconds, looked at every millisecond."""
    track = []
    for second in range(seconds):
        seen = []
        for ms in range(1000):
            t = second + (ms + 0.5) / 1000
            seen += [v for start, stop, v in spans if start <= t < stop]
        if len(seen) < 500:
            track.append(-1)
            continue
        most = max(seen.count(v) for v in set(seen))
        track.append(next(v for v in seen if seen.count(v) == most))
    return track


def four_classes(a, b):
    names = {0: "shared_positive", 1: "shared_neutral", 2: "shared_negative"}
    out = []
    for x, y in zip(a, b, strict=True):
        if x == -1 or y == -1:
            out.append("uncoded")
        else:
            out.append(names[x] if x == y else "unshared")
    return out


def class_means(time_s, r, classes, k, turn=0, least=1):
    """(mean z in class k, that less the mean z of the other coded seconds), codes turned."""
    turned = list(np.roll(classes, turn))
    inside, rest = [], []
    for t, value in zip(time_s, r, strict=True):
        second = math.floor(t)
        if not 0 <= second < len(turned) or np.isnan(value):
            continue
        z = math.atanh(max(-1 + 1e-6, min(1 - 1e-6, value)))
        if turned[second] == k:
            inside.append(z)
        elif turned[second] != 4:
            rest.append(z)
    level = float(np.mean(inside)) if len(inside) >= max(1, least) else NAN
    if len(inside) < least or len(rest) < least:
        return level, NAN
    return level, float(np.mean(inside) - np.mean(rest))


def null(all_turns, turns):
    """Values at some turns, with the mean and SD of all turns."""
    drawn = all_turns[turns]
    there = drawn[~np.isnan(drawn)]
    if there.size < 2 or np.std(there) == 0:
        return drawn
    return (drawn - np.nanmean(drawn)) / np.nanstd(drawn) * np.nanstd(all_turns) + np.nanmean(
        all_turns
    )


def running_mean(values, half):
    out = []
    for i in range(len(values)):
        window = values[max(0, i - half) : i + half + 1]
        there = [v for v in window if not np.isnan(v)]
        out.append(float(np.mean(there)) if 2 * len(there) >= len(window) and there else NAN)
    return np.array(out)


def choose_moments(time_s, r, rule, span):
    """List of (kind, first place, last place), strongest first within a kind."""
    if span[1] - span[0] < rule["min_session_s"]:
        return []
    step = time_s[1] - time_s[0]
    smooth = running_mean(r, int(rule["smooth_s"] // (2 * step)))
    allowed = [
        not np.isnan(s) and span[0] + rule["skip_first_s"] <= t < span[1] - rule["skip_last_s"]
        for t, s in zip(time_s, smooth, strict=True)
    ]
    chosen = []
    for kind, sign in (("high", 1), ("low", -1)):
        signed = sign * smooth
        cut = np.quantile(signed[allowed], 1 - rule["share"])
        runs, run = [], []
        for i in range(len(r) + 1):
            if i < len(r) and allowed[i] and signed[i] >= cut:
                run.append(i)
            elif run:
                runs.append(run)
                run = []
        kept = []
        runs = [run for run in runs if not np.all(np.isnan(r[run]))]
        for run in sorted(runs, key=lambda run: -sign * np.nanmean(r[run])):
            gaps = [
                max(time_s[run[0]] - time_s[b], time_s[a] - time_s[run[-1]]) - step for a, b in kept
            ]
            if (
                len(run) * step >= rule["min_length_s"] - 1e-9
                and np.mean(np.isnan(r[run])) <= rule["max_artefact"]
                and all(g >= rule["min_gap_s"] - 1e-9 for g in gaps)
                and len(kept) < rule["max_per_class"]
            ):
                kept.append((run[0], run[-1]))
        chosen += [(kind, a, b) for a, b in kept]
    return chosen


def alpha(table):
    """Cronbach's alpha from the covariance of the items."""
    covariance = np.cov(table, rowvar=False)
    k = len(covariance)
    return k / (k - 1) * (1 - np.trace(covariance) / covariance.sum())


def ranks(values):
    return [sum(o < v for o in values) + (sum(o == v for o in values) + 1) / 2 for v in values]
