"""The end of a run: what failed, then one table."""

import collections


def print_failures(results):
    for result in results:
        if not result.passed:
            print(f"\n---- {result.step.name} failed, exit status {result.status}: {result.log}")
            print("\n".join(result.failures))


def print_table(results, seconds):
    """A line for each row of steps, in the order in which they began."""
    rows = collections.OrderedDict()
    for result in sorted(results, key=lambda result: result.begun):
        rows.setdefault(result.step.row, []).append(result)
    widths = "{:24}{:>8}{:>8}{:>12}{:>8}  {}"
    print("\n" + widths.format("step", "from s", "to s", "processor s", "tests", "result"))
    for name, row in rows.items():
        print(widths.format(*line(name, row)))
    everything = line("all", results)
    print(widths.format("all", 0, round(seconds), *everything[3:]))
    verb = "failed" if any(not result.passed for result in results) else "passed"
    print(f"\nTest run with {everything[4] or 0} tests in {len(results)} steps {verb} after {seconds:.0f} s")


def line(name, results):
    failed = [result for result in results if not result.passed]
    return (
        name, round(min(result.begun for result in results)),
        round(max(result.ended for result in results)),
        round(sum(result.processor for result in results)),
        sum(result.tests for result in results) or "",
        f"{len(failed)} of {len(results)} failed" if failed and len(results) > 1
        else ", ".join(sorted({result.word for result in results})))
