"""What can go wrong on the way to a store, on request and at random.

A rule is ``{"kind": ..., "rate": 0.1, "times": 5, "match": "POST .*/o"}``: of the requests whose
method and path match, this share is hit, at most so many times.

========== ===================================================================================
status     answered with ``code`` (503 by default) and ``reason``; nothing was done
reset      the connection is closed before anything was done
drop       **the request was carried out** and the connection closed instead of the answer
duplicate  the request was carried out twice; the second answer is given
truncate   half of the answer's body is sent, then the connection is closed
slow       the answer comes after ``seconds``
flip       one bit of a downloaded body is another, and its checksum header is not
========== ===================================================================================
"""

import random
import re
import threading
from collections import Counter


class Faults:
    """The rules in force, and how often each kind has hit."""

    def __init__(self):
        self._lock = threading.Lock()
        self.set([], 0)

    def set(self, rules, seed):
        with self._lock:
            self.rules = [{"rate": 1.0, "times": None, "match": "", **rule} for rule in rules]
            self.hits = Counter()
            self.chance = random.Random(seed)

    def draw(self, request):
        """The rule that hits this request, if any."""
        with self._lock:
            for rule in self.rules:
                if rule["times"] == 0 or not re.search(rule["match"], request):
                    continue
                if self.chance.random() < rule["rate"]:
                    if rule["times"] is not None:
                        rule["times"] -= 1
                    self.hits[rule["kind"]] += 1
                    return rule
            return None
