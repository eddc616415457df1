"""``setlist rollback``: the model of another night becomes live again, and why is kept."""

import argparse

from tasks.deployment import deployment
from tasks.engine.errors import CorruptPayload
from tasks.engine.workshop import workshop
from tasks.live_history import families
from tasks.rollback import NoSuchReceipt, RolledBack, roll_back, target_of
from workflows.naming import UnknownName
from workflows.printing import say, say_json

GONE = 30


def main(options: argparse.Namespace, parameters: list[str]) -> int:
    """Roll back, or forward; 0 when the model asked for is live, also when it was so before."""
    store = workshop().store
    store.refresh()
    known = families(store)
    if options.family not in known:
        raise UnknownName(f"{options.family!r} is no family with receipts in this store; "
                          f"these have some: {', '.join(known) or 'none'}.")
    try:
        target = target_of(store, options.family, options.to)
    except NoSuchReceipt as error:
        raise UnknownName(str(error)) from None
    try:
        done = roll_back(store, deployment().registry, target, options.because)
    except (LookupError, CorruptPayload) as error:
        say_json({"exit_code": GONE, "error": str(error)}) if options.json else say(
            f"nothing was changed: {error}. Another night can be rolled back to")
        return GONE
    if options.json:
        say_json({"exit_code": 0, **vars(done)})
    else:
        _print(done)
    return 0


def _print(done: RolledBack) -> None:
    if not done.is_new:
        say(f"{done.family}: version {done.version} of {done.night} is live already; "
            "the registry's alias is on it")
        return
    say(f"{done.family}: version {done.version} of {done.night} is live for the nights after "
        f"{done.after}, until one of them blesses another model")
    say(f"because: {done.because}")
    say(f"what {done.after} has scored and addressed stays as it is; hold back its audiences if "
        "they should not be used")
