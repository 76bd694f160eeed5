"""The report at the end of a run: the failures, then a table of the steps and their times."""

# The maximum number of steps of one row that are listed.
MOST_NAMED = 8


def print_failures(results):
    for result in results:
        if not result.passed:
            print(f"\n---- {result.step.name} failed, exit status {result.status}: {result.log}")
            print("\n".join(result.failures))


def print_table(results, seconds):
    """Prints a line for each row in the order of start, and below a row of several steps its longest."""
    rows = {}
    for result in sorted(results, key=lambda result: result.begun):
        rows.setdefault(result.step.row, []).append(result)
    print_line("step", "from s", "to s", "processor s", "tests", "result")
    for name, row in rows.items():
        print_line(name, *figures(row))
        if len(row) > 1:
            longest = sorted(row, key=lambda result: result.begun - result.ended)
            for result in longest[:MOST_NAMED]:
                print_line("  " + result.step.name.split(".")[-1], *figures([result]))
    print_line("all", 0, round(seconds), *figures(results)[2:])
    verb = "passed" if all(result.passed for result in results) else "failed"
    count = sum(result.tests for result in results)
    print(f"\nTest run with {count} tests in {len(results)} steps {verb} after {seconds:.0f} s")


def print_line(*words):
    print("{:28}{:>8}{:>8}{:>13}{:>7}  {}".format(*words))


def figures(results):
    failed = [result for result in results if not result.passed]
    return (
        round(min(result.begun for result in results)),
        round(max(result.ended for result in results)),
        round(sum(result.processor for result in results)),
        sum(result.tests for result in results) or "",
        f"{len(failed)} of {len(results)} failed"
        if failed and len(results) > 1
        else ", ".join(sorted({result.word for result in results})),
    )
