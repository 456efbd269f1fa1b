"""Several people at the same moment: each act in a thread of its own, on a connection of its own."""

import threading
from collections.abc import Callable

from django.db import connections


def at_once(*acts: Callable[[], object]) -> list[Exception]:
    """Do these at the same moment; gives what they raised, a deadlock too."""
    gate, raised = threading.Barrier(len(acts), timeout=30), list[Exception]()

    def run(act: Callable[[], object]) -> None:
        try:
            gate.wait()
            act()
        except Exception as error:  # noqa: BLE001  given to the test, which judges it
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised
