"""Runs inside the machine. `inside.py upload` uploads a photo; `inside.py ask FILE` sends requests until FILE
exists."""

import collections
import json
import pathlib
import sys
import urllib.error
import urllib.request

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "BrowserTests"))
from installed import upload

SITE = "http://127.0.0.1:8080"


def status(path):
    try:
        with urllib.request.urlopen(SITE + path) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError as error:
        return str(error)


def ask(file):
    """Prints how often each status was received, as JSON."""
    counts = collections.Counter()
    while not file.exists() or counts.total() < 100:
        counts.update(status(path) for path in ("/api/limits", "/api/auth/health"))
    print(json.dumps(counts))


if sys.argv[1] == "upload":
    upload(SITE)
else:
    ask(pathlib.Path(sys.argv[2]))
