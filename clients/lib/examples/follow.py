#!/usr/bin/python3
"""Prints every event of a level, and goes on where it was; without libwaternet.

    ./follow.py /run/waternet /twente/ archief-1

The daemon keeps how far it has got, under the name of the third word. Needs pyzmq and msgpack.
"""
import itertools
import json
import sys

import msgpack
import zmq

runtime, level, cursor = sys.argv[1:]
context = zmq.Context()
depth = level.count("/") - 2  # of prev: -1 is the whole log
numbers = itertools.count(1)


def connect(kind, name):
    socket = context.socket(kind)
    socket.linger = 0
    socket.connect(f"ipc://{runtime}/{name}")
    return socket


def ask(end, request, **fields):
    """Until there is an answer; asking the same again is safe. Other statuses than ok are told."""
    while True:
        socket, number = connect(zmq.DEALER, end), next(numbers)
        socket.send(msgpack.packb({"number": number, "request": request, **fields}))
        answer = msgpack.unpackb(socket.recv()) if socket.poll(3000) else None
        socket.close()
        if answer is not None:
            return answer


def deliver(event):
    """Your work stands in the first line; the cursor moves when it is finished."""
    print(json.dumps({key: event[key] for key in ("seq", "id", "type", "subject")}), flush=True)
    moved = ask("command", "cursor", name=cursor, prefix=level, position=event["seq"], log=log)
    if moved["status"] != "ok":
        sys.exit(f"follow.py: the cursor cannot be moved: {moved['message']}")
    return event["seq"]


def read(position):
    """What is missing, from the log."""
    done = False
    while not done:
        answer = ask("query", "read", prefix=level, after=position)
        for event in map(msgpack.unpackb, answer["events"]):
            position = deliver(event)
        position, done = max(position, answer["after"]), answer["done"]
    return position


def follow(position, log):
    """One connection: until the daemon has been silent for 3 seconds."""
    feed, is_first = connect(zmq.SUB, "feed"), True
    feed.subscribe(level)
    feed.subscribe(f"!{level}\n")
    while feed.poll(3000):
        topic, body = feed.recv().split(b"\n", 1)
        body = msgpack.unpackb(body)
        if topic.startswith(b"!"):
            if body["log"] != log or (is_first and body["head"] < position):
                sys.exit("follow.py: the daemon has another history now")
            is_first = False
            position = read(position) if body["here"] > position else max(position, body["head"])
        elif not is_first and body["seq"] > position:  # otherwise a repeat, or not yet
            before = body["prev"][depth] if depth >= 0 else body["seq"] - 1
            position = deliver(body) if before <= position else read(position)
    feed.close()
    return position


log = ask("query", "hello", protocol=1)["log"]
kept = ask("query", "cursors", name=cursor)
place = kept["cursors"][0]["position"] if kept["status"] == "ok" else 0
while True:
    place = follow(place, log)
