"""Exports made and read without the programs: lines of events, and the last line."""

import hashlib
import json

import client as wn


def end_line(log, head, root):
    """The last line; its check is over what HEAD would say."""
    line = f"log={log} seq={head} root={root}\n"
    return json.dumps({"log": log, "head": head, "root": root,
                       "check": hashlib.sha256(line.encode()).hexdigest()}, separators=(",", ":"))


def event_line(body, prefix="nl.waterketens.", source=None):
    event = wn.cloud_event(body, prefix, source)
    row = {"seq": int(event["sequence"]), "id": event["id"], "hash": event["leafhash"],
           "event": event}
    return json.dumps(row, separators=(",", ":"), ensure_ascii=False)


def export(bodies, log="0" * 32, **more):
    """The text of an export of these events; a source is that of the region as the event left it."""
    tree, sources, lines = wn.Tree(), {}, []
    for body in bodies:
        tree.append(wn.leaf(body))
        event = wn.unpack(body)
        if event["type"].startswith("region.") and "source_id" in event["data"]:
            sources[event["region"]] = event["data"]["source_id"]
        lines.append(event_line(body, source=sources.get(event["region"]), **more))
    return "\n".join([*lines, end_line(log, tree.size, tree.root().hex())]) + "\n"


def forged(events, rows):
    """Events as a daemon would have stored them, whatever its rules say: bodies with number, time,
    actor and prev."""
    heads, bodies = {}, []
    for seq, event in enumerate(events, 1):
        region, (kind, _) = event["region"], event["subject"].split("/")
        levels = [region, f"{region}/{kind}", f"{region}/{event['subject']}"]
        daemon = {"seq": seq, "time": 1700000000000 + seq,
                  "actor": {"organisation": region, "role": "secretary"},
                  "prev": [heads.get(level, 0) for level in levels]}
        heads.update((level, seq) for level in levels)
        bodies.append(wn.canonical(event, rows[event["type"]], daemon))
    return bodies
