"""Events that are accepted, and in which every text that anyone may choose is an attack on whoever
shows it."""

import copy

from harness import one_of_each

MARKDOWN = ("[klik](javascript:window.injected=1) <svg onload=window.injected=1> "
            "![plaatje](https://evil.example/x.png) [d](data:text/html,<script>x</script>)\n\n"
            "<iframe src=https://evil.example></iframe>\n\n<script>window.injected=1</script>\n"
            "[e]: javascript:window.injected=1\n\n[e] &#106;avascript: <https://evil.example/\"x>")
LINE = "\"><script>window.injected=1</script><img src=x onerror=window.injected=1>'`{{7*7}}\u202egnp"
ADDRESSES = ("javascript:window.injected=1//", "https://evil.example/\"onmouseover=\"alert(1)",
             "https://evil.example/?x=<script>window.injected=1</script>")
PROBES = (MARKDOWN, LINE, *ADDRESSES)

# What is harmless and yet wider than a phone: an address as people paste them, and one long word.
LONG = ("https://www.gemeente.example.org/bestuur/vergaderingen/2026/11/24/agendapunten/waterketen/"
        "bijlagen/Samenwerkingsovereenkomst_Twents_Waternet_definitief_v12.pdf", "W" * 190, "W" * 110)


def slots(value, path=()):
    """Where strings stand in an event, keys left out."""
    if isinstance(value, str):
        yield path
    for key, inner in (value.items() if isinstance(value, dict) else
                       enumerate(value) if isinstance(value, list) else ()):
        yield from slots(inner, (*path, key))


def with_text(event, path, text):
    made = copy.deepcopy(event)
    place = made
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = text
    return made


def poisoned(daemon, event, probes=PROBES):
    """The event with a probe in every place where the daemon takes one."""
    places = [("data", *path) for path in slots(event.get("data", {}))]
    for path in [*places, ("citation",), ("reference",), ("ontext",)]:
        for probe in probes:
            tried = with_text(event, path, probe)
            if daemon.post(tried, dry=True)["status"] == "ok":
                event = tried
                break
    return event


def post_all(daemon, probes=PROBES):
    """How many probes the log holds then."""
    count = 0
    for event in one_of_each():
        event = poisoned(daemon, event, probes)
        answer = daemon.post(event)
        assert answer["status"] == "ok", (event, answer)
        count += sum(str(event).count(repr(probe)[1:-1]) for probe in probes)
    return count
