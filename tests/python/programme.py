"""A programme that has run for years: a few entities, each with many events.

    post_all(daemon, programme(regions=2, werkplaatsen=5, events=3000, head=daemon.head()))

Nothing of it is refused: most are updates of werkplaatsen, the rest participations, decisions,
allocations, advice, results and corrections. Each has a date of its own, which goes up with the log
and to and fro.
"""

import collections
import datetime
import random

from harness import event

MEMBERS = [f"m{number:02}" for number in range(8)]
FIRST_DAY, YEARS = datetime.date(2016, 1, 1), 10
WORDS = "riool gemaal put bui klimaat afkoppelen meten samen".split()


def founding(region, werkplaatsen):
    """What a region has from the beginning, as (type, subject, data, more)."""
    yield "region.registered", f"region/{region}", {"name": region}, {}
    for member in MEMBERS:
        yield "member.joined", f"member/{member}", {"name": member, "kind": "municipality"}, {}
    weights = {member: 1 + number for number, member in enumerate(MEMBERS)}
    yield "cost-key.adopted", "cost-key/sleutel", {
        "version": "v1", "method": "weights", "weights": weights, "valid_from": "2016"}, {
            "citation": "Jaarplan"}
    for name in werkplaatsen:
        yield "werkplaats.opened", f"werkplaats/{name}", {
            "name": name, "kind": "ongoing", "theme": "Riolering", "common_interest": "Samen."}, {
                "on": "2015"}


def happening(dice, appends, participants):
    """(type, data) of what happens to a werkplaats; appends: how much of it makes a list longer."""
    text = " ".join(dice.choices(WORDS, k=dice.randrange(3, 30)))
    member = dice.choice(MEMBERS)
    if dice.random() < appends:
        return dice.choice([
            ("werkplaats.advice-given", {"priority": "high", "note": text}),
            ("werkplaats.result-delivered", {"title": dice.choice(WORDS), "meaning": text})])
    if dice.random() < 0.2:
        participants ^= {member}
        verb = "declared" if member in participants else "ended"
        return f"participation.{verb}", {"member": member}
    return dice.choice([
        ("decision.taken", {"member": member, "board": "council", "kind": "substantive",
                            "outcome": "positive"}),
        *[("werkplaats.updated", {"common_interest": text})] * 4])


def programme(regions, werkplaatsen, events, head, dice=random, appends=0.1):
    """Events for a log that has `head` already and gets no others meanwhile."""
    subjects, newest, seq = [], {}, head
    participants = collections.defaultdict(set)
    for number in range(regions):
        region = f"p{number:02}"
        names = [f"w{place:02}" for place in range(werkplaatsen)]
        subjects += [(region, f"werkplaats/{name}") for name in names]
        for type, subject, data, more in founding(region, names):
            seq += 1
            yield event(type, subject, f"p{seq}", region, data=data, **more)
    for number in range(events):
        seq += 1
        region, subject = dice.choice(subjects)
        type, data = happening(dice, appends, participants[region, subject])
        day = FIRST_DAY + datetime.timedelta(number * 365 * YEARS // events + dice.randrange(90))
        more = {"on": day.isoformat(), "reference": "Z-1"}
        thing = (region, subject, type, data.get("member"))
        if thing in newest and not type.startswith("participation.") and dice.random() < 0.1:
            more["corrects"] = newest[thing]
        newest[thing] = seq
        yield event(type, subject, f"p{seq}", region, data=data, **more)


def post_all(daemon, events, together=64, most=16):
    """Posts them in this order, several at once and several posts on their way."""
    command, waiting, batch = daemon.socket("command"), 0, []

    def take():
        answer = command.receive()
        assert answer and answer["status"] == "ok", answer

    def send():
        nonlocal waiting, batch
        command.send("post", events=batch)
        waiting, batch = waiting + 1, []
        if waiting == most:
            take()
            waiting -= 1

    for each in events:
        batch.append(each)
        if len(batch) == together:
            send()
    if batch:
        send()
    for _ in range(waiting):
        take()
