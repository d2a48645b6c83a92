"""The rules of the domain a second time, in plain Python, to judge the daemon by.

Written from the rules, not from the daemon: what the two say differently is a mistake in one of them.
Only names, types and sizes of fields come from fields.def and choices.def; who may post what, what
it does, what guards it and how costs are split stand here.

    model = Model()
    verdict = model.post([event, ...], acts={"role": "secretary"}, dry=False)

A fault is (status, guard or 0, field). A record has the shape that `get` answers, except that the
items of a slot with keys stand under tuples of them, and that items have no time.
"""

import functools
import hashlib
import json
import pathlib
import re
import string
from fractions import Fraction

PROTO = pathlib.Path(__file__).resolve().parents[2] / "proto"

# The rules as tables -----------------------------------------------------------------------------

# What an event does. `+` behind an effect: it opens its subject if there is none; `~`: it may open
# again what has ended; `!`: its date and source become those of the entity; `&`: its subject may have
# ended. A subject of kind any is one of whatever kind.
TYPES = """
type                              kind            effect   slot          needs         posted by
region.registered                 region          open     -             -             operator
region.updated                    region          set      -             -             operator,secretary
member.joined                     member          open~    -             -             secretary
member.renamed                    member          set      -             -             secretary
member.left                       member          end      -             -             secretary
partner.registered                partner         open     -             -             secretary
body.established                  body            open     -             -             secretary
seat.assigned                     body            put      seats         -             secretary
seat.vacated                      body            remove   seats         -             secretary
goal.set                          goal            append+  targets       on,citation   secretary
measurement.recorded              goal            append   measurements  on,citation   member,secretary
werkplaats.opened                 werkplaats      open     -             -             secretary,operator
werkplaats.updated                werkplaats      set      -             -             lead,secretary
werkplaats.plan-adopted           werkplaats      put      plan          -             lead,secretary
werkplaats.feasibility-concluded  werkplaats      put      feasibility   on            lead,secretary
werkplaats.phase-changed          werkplaats      append   phases        -             lead,secretary
werkplaats.advice-given           werkplaats      append   advice        -             secretary
werkplaats.result-delivered       werkplaats      append   results       on            lead,secretary
werkplaats.evaluated              werkplaats      put      evaluation    on            lead,secretary
participation.declared            werkplaats      put      participants  -             member,secretary
participation.ended               werkplaats      remove   participants  -             member,secretary
cost-key.adopted                  cost-key        put+     versions      citation      secretary
costs.allocated                   werkplaats      put      allocations   -             lead,secretary
decision.taken                    werkplaats      put      decisions     on            member,secretary
year-programme.adopted            year-programme  set+!    -             on            secretary
news.published                    news            open     -             on            secretary,lead
news.corrected                    news            set!     -             -             secretary,lead
news.withdrawn                    news            end      -             -             secretary,lead
contribution.submitted            contribution    open     -             -             anyone
contribution.accepted             contribution    put      accepted      -             secretary,moderator
contribution.rejected             contribution    put      rejected      -             secretary,moderator
subscription.created              subscription    open     -             -             member,secretary
subscription.confirmed            subscription    put      confirmed     -             member,secretary,notifier
subscription.changed              subscription    set      -             -             member,secretary
subscription.paused               subscription    put      paused        -             member,secretary,notifier
subscription.resumed              subscription    remove   paused        -             member,secretary
subscription.ended                subscription    end      -             -             member,secretary,notifier
key.added                         key             open     -             -             operator,secretary
key.retired                       key             put      retired       -             operator,secretary
key.revoked                       key             put      revoked       -             operator,secretary
role.granted                      key             put      roles         -             operator,secretary
role.withdrawn                    key             remove   roles         -             operator,secretary
private.erased                    any             append&  erased        -             secretary,operator
"""

# Items of these slots stand under the values of these fields; of other PUT slots there is one item.
KEYS = {"seats": ("member", "function"), "participants": ("member",), "versions": ("version",),
        "allocations": ("purpose",), "decisions": ("member", "kind", "purpose"),
        "roles": ("role", "region", "member", "werkplaats")}
LISTS = {"targets", "measurements", "phases", "advice", "results", "erased"}
SINGLE = {"plan", "feasibility", "evaluation", "accepted", "rejected", "confirmed", "paused",
          "retired", "revoked"}

# Where the group of fields is not called like the type, and the types whose fields are not required.
GROUPS = {"region.registered": "REGION", "region.updated": "REGION", "member.joined": "MEMBER",
          "member.renamed": "MEMBER", "member.left": "REASON", "partner.registered": "PARTNER",
          "body.established": "BODY", "seat.assigned": "SEAT", "goal.set": "GOAL",
          "measurement.recorded": "MEASUREMENT", "werkplaats.plan-adopted": "PLAN",
          "werkplaats.feasibility-concluded": "FEASIBILITY",
          "werkplaats.phase-changed": "PHASE_CHANGED", "werkplaats.advice-given": "ADVICE",
          "werkplaats.result-delivered": "RESULT", "werkplaats.evaluated": "EVALUATION",
          "participation.declared": "PARTICIPATION", "cost-key.adopted": "COST_KEY",
          "costs.allocated": "ALLOCATION", "decision.taken": "DECISION",
          "year-programme.adopted": "YEAR_PROGRAMME", "news.published": "NEWS",
          "news.corrected": "NEWS", "news.withdrawn": "REASON",
          "contribution.submitted": "CONTRIBUTION", "contribution.accepted": "ACCEPTED",
          "contribution.rejected": "REJECTED", "subscription.created": "SUBSCRIPTION",
          "subscription.confirmed": "NOTHING", "subscription.changed": "SUBSCRIPTION",
          "subscription.paused": "REASON", "subscription.resumed": "NOTHING",
          "subscription.ended": "REASON", "key.added": "KEY", "key.retired": "REASON",
          "key.revoked": "REASON", "role.granted": "GRANT", "role.withdrawn": "GRANT",
          "private.erased": "ERASED"}
PARTIAL = {"region.updated", "member.renamed", "news.corrected", "subscription.changed"}

# Seen by members only; everything else is public.
MEMBERS_ONLY = re.compile(r"werkplaats\.advice-given|subscription\..*|key\..*|role\..*")

WAY = ["idea", "research", "preparation", "execution", "aftercare", "completed"]
OPEN_PHASES = set(WAY[:-1]) | {"ongoing"}
BOARDS = {"municipality": {"college", "council"}}
OTHER_BOARDS = {"executive-board", "general-board"}
WHOLE = 1_000_000  # parts per million
MOST_CENTS = 10**14

# Whom a role acts for if `as` names none; the others must be named.
DEFAULTS = {"operator": "system", "secretary": "<region>", "moderator": "<region>", "lead": None,
            "member": None, "reader": "system", "notifier": "system", "dashboard": "system",
            "auditor": "system"}
SYSTEM = "system"  # a region that needs no registering and holds the operators' keys alone

# Where a role holds: in the whole system, or in a region, there perhaps for one member. Of those that
# act for a member, the ones that may be limited to one werkplaats.
OF_SYSTEM = {"operator", "reader", "notifier", "dashboard", "auditor"}
OF_MEMBER, OF_WERKPLAATS = {"member", "lead"}, {"lead"}
WHAT_IF = {"participation.declared", "participation.ended", "costs.allocated"}
DESCRIBES = ("on", "onbasis", "ontext", "citation", "reference")


def types():
    lines = TYPES.strip().splitlines()[1:]
    found = {}
    for type, kind, effect, slot, needs, posted in map(str.split, lines):
        found[type] = {
            "kind": kind, "effect": effect.strip("+~!&"), "opens": "+" in effect,
            "reopens": "~" in effect, "ended_too": "&" in effect,
            "restates": "!" in effect or effect.startswith("open"), "slot": slot.strip("-"),
            "needs": [] if needs == "-" else needs.split(","),
            "roles": list(DEFAULTS) if posted == "anyone" else posted.split(","),
            "group": GROUPS.get(type, re.sub(r"[.-]", "_", type).upper()),
            "required": type not in PARTIAL,
            "visible": "members" if MEMBERS_ONLY.fullmatch(type) else "public"}
    return found


TYPES = types()


def step(phase, to):
    """What a step needs: None if there is no such step, else whether a reason (G10)."""
    if phase not in OPEN_PHASES:
        return None
    if to == "stopped":
        return True
    if phase == "ongoing" or to not in WAY or to == phase:
        return None
    if to == "idea":
        return True
    ahead = WAY.index(to) - WAY.index(phase)
    return None if ahead < 0 else ahead > 1


# Money -------------------------------------------------------------------------------------------


def can_carry(key, participants):
    """Whether a key version can split any amount over the participants."""
    weights, fixed = key["weights"], key.get("fixed", {})
    if not participants or any(each not in weights and each not in fixed for each in participants):
        return False
    return (any(weights.get(each, 0) for each in participants) or
            sum(fixed.get(each, 0) for each in participants) == WHOLE)


def shares(amount, key, participants):
    """Each participant's share in cents: exact fractions, one largest-remainder rounding."""
    weights, fixed = key["weights"], key.get("fixed", {})
    exact = {each: Fraction(amount * fixed[each], WHOLE) for each in participants if each in fixed}
    rest = amount - sum(exact.values(), Fraction(0))
    total = sum(weights[each] for each in participants if each not in fixed)
    for each in participants:
        if each not in fixed:
            exact[each] = rest * weights[each] / total if total else Fraction(0)
    cents = {each: share.numerator // share.denominator for each, share in exact.items()}
    missing = amount - sum(cents.values())
    for each in sorted(exact, key=lambda each: (cents[each] - exact[each], each))[:missing]:
        cents[each] += 1
    return cents


# Events into records ------------------------------------------------------------------------------


def fold(old, event):
    """The record after a stored event; None as long as nothing has opened it. A record is never
    changed but replaced."""
    row = TYPES[event["type"]]
    if not old and row["effect"] != "open" and not row["opens"]:
        return None
    record = {**old, "fields": dict(old["fields"])} if old else {"fields": {}}
    record["version"] = event["seq"]
    if row["effect"] == "open" or not old:
        record = {"version": event["seq"], "opened": event["seq"], "fields": {},
                  **({"corrected": old["corrected"]} if old and "corrected" in old else {})}
    if row["restates"]:
        if "on" in event:  # a date comes with its own basis and words
            record.pop("onbasis", None)
            record.pop("ontext", None)
        record.update((name, event[name]) for name in DESCRIBES if name in event)
    if "corrects" in event:
        record["corrected"] = [*record.get("corrected", []), event["corrects"]]
    item = {name: event[name] for name in ("seq", "time", "actor", "data", *DESCRIBES)
            if name in event}
    change(record["fields"], row, item, event.get("corrects"))
    if event["type"] == "werkplaats.phase-changed":
        record["fields"]["phase"] = event["data"]["to"]
    if row["effect"] == "end":
        record["ended"] = event["seq"]
    return record


def change(fields, row, item, corrects):
    effect, slot = row["effect"], row["slot"]
    if effect == "put" and corrects:  # what no longer stands is not put back
        there = fields.get(slot, {})
        standing = [there] if slot in SINGLE else there.values()
        if all(each.get("seq") != corrects for each in standing):
            return
    if effect in ("open", "set", "end"):
        fields.update(item["data"])
    elif effect == "append":
        items = list(fields.get(slot, []))
        at = [index for index, each in enumerate(items) if each["seq"] == corrects]
        if at:
            items[at[0]] = item
        else:
            items.append(item)
        fields[slot] = items
    elif slot in SINGLE:
        fields.pop(slot, None)
        if effect == "put":
            fields[slot] = item
    else:
        items = {key: each for key, each in fields.get(slot, {}).items()
                 if each["seq"] != corrects}
        key = tuple(item["data"].get(name) for name in KEYS[slot])
        items.pop(key, None)
        if effect == "put":
            items[key] = item
        fields[slot] = items


# The form of fields ------------------------------------------------------------------------------


def read_rows(name, macro):
    text = (PROTO / name).read_text()
    return [[part.strip().strip('"') for part in row.split(",")]
            for row in re.findall(rf"^{macro}\((.*)\)\s*$", text, re.M)]


def read_fields():
    groups = {group: {} for group, in read_rows("fields.def", "GROUP")}
    words = {}
    for name, word, *_ in read_rows("choices.def", "CHOICE"):
        words.setdefault(name, set()).add(word)
    for group, name, form, type, of, flags, most, *_ in read_rows("fields.def", "FIELD"):
        groups[group][name] = {"form": form, "type": type, "of": of, "flags": flags.split(" | "),
                               "max": int(most) if most.isdigit() else 0}
    return groups, words


FIELDS, WORDS = read_fields()
KINDS = {row["kind"] for row in TYPES.values()} - {"any"}
ID = r"[a-z0-9][a-z0-9-]{0,63}"
PATTERNS = {"ID": ID, "REFERENCE": ID, "PATH": rf"({'|'.join(sorted(KINDS))})/{ID}",
            "DECIMAL": r"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?", "URL": r"https?://[^\s]+",
            "OIN": r"[0-9]{20}", "LINE": r"(?! *$)[^\x00-\x1f\x7f]+", "TEXT": r"(?s)(?![ \n]*$).+",
            "DATE": r"\d{4}(-Q[1-4]|-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?"}
PATTERNS = {type: re.compile(pattern) for type, pattern in PATTERNS.items()}
Z85 = (string.digits + string.ascii_lowercase + string.ascii_uppercase + ".-:+=^!/*?&<>()[]{}@%$#")


def is_curve(text):
    """Whether it is 32 bytes in Z85, four bytes in five characters."""
    if len(text) != 40 or not set(text) <= set(Z85):
        return False
    numbers = [functools.reduce(lambda sum, each: 85 * sum + Z85.index(each), text[at:at + 5], 0)
               for at in range(0, 40, 5)]
    return max(numbers) < 2**32


def fits(value, field):
    """Whether one value is of the type of its field; of a map only that it is one."""
    type, most = field["type"], field["max"]
    if type in ("COUNT", "CENTS"):
        least, most = (-MOST_CENTS, MOST_CENTS) if type == "CENTS" else (0, most or 2**63 - 1)
        return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
    if type in ("GROUP", "ANY"):
        return isinstance(value, dict)
    if not isinstance(value, str):
        return False
    if type in ("CHOICE", "PHASE"):
        return value in (WORDS[field["of"]] if type == "CHOICE" else {*WAY, "stopped", "ongoing"})
    if type == "CURVE":
        return is_curve(value)
    return bool(PATTERNS[type].fullmatch(value)) and not 0 < most < len(value.encode())


def form_faults(data, group, required, before):
    """The fields of a map that are missing, unknown or not of their type, by their paths."""
    rows = FIELDS[group]
    for name in data:
        if name not in rows or "DAEMON" in rows[name]["flags"]:
            yield before + name
    for name, field in rows.items():
        if "DAEMON" in field["flags"]:
            continue
        if name not in data:
            if required and "REQUIRED" in field["flags"]:
                yield before + name
            continue
        value, single = data[name], field["form"] == "ONE"
        if field["form"] == "MAP":
            right = isinstance(value, dict) and all(PATTERNS["ID"].fullmatch(key) for key in value)
            values = list(value.values()) if right else []
        else:
            right = single or isinstance(value, list)
            values = [value] if single else value if right else []
        one = {**field, "max": 0} if field["form"] in ("LIST", "SET") else field
        too_many = field["form"] in ("LIST", "SET") and 0 < field["max"] < len(values)
        if not right or not values or too_many or not all(fits(each, one) for each in values):
            yield before + name
        elif field["type"] == "GROUP":
            yield from form_faults(value, field["of"], True, f"{before}{name}.")


def references(data, group, before="data."):
    """(field, kind, entity) of everything that the data name."""
    for name, field in FIELDS[group].items():
        if name not in data:
            continue
        value = data[name]
        if field["type"] == "GROUP":
            yield from references(value, field["of"], f"{before}{name}.")
        elif field["form"] == "MAP":
            yield from ((before + name, field["of"].lower(), key) for key in value)
        elif field["type"] in ("REFERENCE", "PATH"):
            for each in value if isinstance(value, list) else [value]:
                kind, entity = (each.split("/") if field["type"] == "PATH" else
                                (field["of"].lower().replace("_", "-"), each))
                yield before + name, kind, entity


def malformed(event):
    """All that is wrong with the form of an event, field by field."""
    if event.get("type") not in TYPES:
        return {"type"}
    row, data = TYPES[event["type"]], event.get("data", {})
    found = {name for name in form_faults(event, "ENVELOPE", True, "")}
    found |= {need for need in row["needs"] if need not in event}
    if event.get("corrects") == 0:
        found.add("corrects")
    if "on" not in event and {"onbasis", "ontext"} & event.keys():
        found.add("on")
    kind, _, entity = str(event.get("subject")).partition("/")
    if row["kind"] not in (kind, "any") or kind == "region" and entity != event.get("region"):
        found.add("subject")
    return found | set(form_faults(data, row["group"], row["required"], "data."))


def decision_together(data):
    financial = data["kind"] == "financial"
    for name in ("purpose", "amount"):
        if (name in data) != financial:
            yield f"data.{name}"
    if financial and data.get("amount", 1) <= 0:
        yield "data.amount"


def key_together(data):
    fixed = data.get("fixed", {})
    if (bool(fixed) != (data["method"] == "fixed+weights") or set(fixed) & set(data["weights"]) or
            sum(fixed.values()) > WHOLE):
        yield "data.fixed"


def amount_together(data):
    if data["amount"] <= 0:
        yield "data.amount"


TOGETHER = {"decision.taken": decision_together, "cost-key.adopted": key_together,
            "costs.allocated": amount_together}


def contradicting(event):
    """What is wrong with what the fields mean together; nobody asks that of a repeated event."""
    return set(TOGETHER.get(event["type"], lambda data: ())(event.get("data", {})))


# Judging and applying ----------------------------------------------------------------------------


def stands(record):
    return record is not None and "ended" not in record


def private_names(event):
    """The fields of its data that stand in the private part."""
    fields = FIELDS[TYPES[event["type"]]["group"]]
    return {name for name in event["data"] if "PRIVATE" in fields[name]["flags"]}


def content(event):
    """What a repeated event is compared by, all that was said but `expect`: what is public, and what
    is private, which does not count once it is erased."""
    private = private_names(event)
    said = {name: value for name, value in event.items() if name != "expect"}
    said["data"] = {name: value for name, value in said["data"].items() if name not in private}
    apart = {name: event["data"][name] for name in private}
    return tuple(hashlib.sha256(json.dumps(part, sort_keys=True).encode()).digest()
                 for part in (said, apart))


class Model:
    def __init__(self):
        self.head = 0
        self.records = {}   # (region, kind, entity): record
        self.stored = []    # (type, subject path, data.member, whether private, data.of)
        self.ids = {}       # id: (content(), organisation, seq)
        self.curves = {}    # public key: the path of the key that has it
        self.erased = set() # numbers of the events whose private part is gone
        self.parts = set()  # numbers of those that have one
        self.undo = []      # what takes back the events of the post that is judged

    def get(self, region, kind, entity):
        return self.records.get((region, kind, entity))

    # A post -------------------------------------------------------------------------------------

    def post(self, events, acts=None, dry=False):
        """{"status", "faults", "index"} or {"status": "ok", "receipts"}, as the daemon would."""
        first = self.ids.get(events[0].get("id"))  # a repeat begins with one that is known
        self.undo, receipts = [], []
        for index, event in enumerate(events):
            wrong, warnings = malformed(event), False
            if wrong and not any(field.startswith(("data", "type")) for field in wrong):
                wrong |= contradicting(event)  # all that is wrong is told at once
            faults = {("malformed", 0, field) for field in wrong}
            if not faults and (first or event["id"] in self.ids):
                if first and self.repeats(event, acts, first[2] + index):
                    receipts.append({"seq": first[2] + index, "duplicate": True,
                                     "warnings": False, "shares": None})
                    continue
                faults = {("conflict", 0, "id")}
            elif not faults:
                faults = {("malformed", 0, field) for field in contradicting(event)}
                if not faults:
                    faults, warnings = self.judge(event, acts, dry)
            if faults:
                self.take_back()
                return self.refusal(faults, index)
            split = self.apply(event, acts)
            receipts.append({"seq": self.head, "duplicate": False, "warnings": warnings,
                             "shares": split})
        if dry:
            self.take_back()
        return {"status": "ok", "receipts": receipts}

    def repeats(self, event, acts, seq):
        """Whether an event is the same again, of the same organisation, stored with this number."""
        actor = self.actor(event, acts)
        (said, private), organisation, there, role, hides = self.ids.get(
            event["id"], ((None, None), None, None, None, False))
        now_said, now_private = content(event)
        # What is private is not compared for those who could not have posted it.
        roles = TYPES[event["type"]]["roles"]
        could = actor["role"] == role if roles == list(DEFAULTS) else actor["role"] in roles
        return ((organisation, there, said) == (actor["organisation"], seq, now_said) and
                (could or not hides) and (private == now_private or seq in self.erased))

    @staticmethod
    def refusal(faults, index):
        order = ["malformed", "not-found", "not-allowed", "conflict", "refused"]
        return {"status": min((status for status, _, _ in faults), key=order.index),
                "faults": faults, "index": index}

    def take_back(self):
        for each in reversed(self.undo):
            each()
        self.undo = []

    # Who may ------------------------------------------------------------------------------------

    @staticmethod
    def actor(event, acts):
        """The role and organisation that act: said, or the secretary, or who alone may. The region
        system has no secretary."""
        no_secretary = "secretary" not in TYPES[event["type"]]["roles"] or event["region"] == SYSTEM
        role = (acts or {}).get("role") or ("operator" if no_secretary else "secretary")
        organisation = (acts or {}).get("organisation") or DEFAULTS.get(role)
        return {"organisation": event["region"] if organisation == "<region>" else organisation,
                "role": role}

    def access(self, event, acts, record, dry):
        """Where the role may not post this."""
        actor, row, region = self.actor(event, acts), TYPES[event["type"]], event["region"]
        role, organisation = actor["role"], actor["organisation"]
        what_if = dry and event["type"] in WHAT_IF
        if role not in row["roles"] and not (what_if and role == "dashboard"):
            return {"as.role"}
        if (event["type"], role) == ("werkplaats.opened", "operator") and \
                "baseline" not in event["data"]:
            return {"as.role"} | (set() if organisation == "system" else {"as.organisation"})
        scope, anyone = DEFAULTS[role], row["roles"] == list(DEFAULTS)
        if scope == "<region>" and not anyone:
            own = organisation == region != SYSTEM
            return set() if own else {"as.organisation"}
        if scope:
            return set() if organisation == scope or scope == "<region>" else {"as.organisation"}
        if not stands(self.get(region, "member", organisation)):
            return {"as.organisation"}
        if anyone:
            return set()
        if role == "lead" and not self.leads(event, organisation, record):
            return {"as"}
        joins = dry and event["type"].startswith("participation.")
        if role == "member" and not joins and not self.for_itself(event, organisation, record):
            return {"data.member"}
        return set()

    def for_itself(self, event, organisation, record):
        """Whether what a member posts is its own: a member is named, and no other, neither in what
        it says nor in what it changes or corrects."""
        said, owners = event["data"].get("member"), []
        if event["type"].startswith("subscription.") and record:
            owners.append(record["fields"].get("member"))  # nobody's is not its own either
        if 1 <= event.get("corrects", 0) <= self.head:
            owners.append(self.stored[event["corrects"] - 1][2])
        named = [said] * (said is not None) + owners
        return bool(named) and all(each == organisation for each in named)

    def leads(self, event, organisation, record):
        """Whether it leads every werkplaats that the event is about, and there is one."""
        if event["subject"].startswith("werkplaats/"):
            about = {event["subject"].split("/")[1]}
        else:
            about = {event["data"].get("werkplaats")}
            if record:
                about.add(record["fields"].get("werkplaats"))
                if "werkplaats" not in event["data"]:
                    about.discard(None)
        found = [self.get(event["region"], "werkplaats", name) for name in about]
        return bool(found) and all(each and organisation in each["fields"].get("leads", [])
                                   for each in found)

    # What guards it -----------------------------------------------------------------------------

    def judge(self, event, acts=None, dry=False):
        """(the faults of a well-formed event, whether it gives a warning)"""
        row, data = TYPES[event["type"]], event.setdefault("data", {})
        record = self.get(event["region"], *event["subject"].split("/"))
        faults = {("not-allowed", 0, field) for field in self.access(event, acts, record, dry)}
        if event.get("expect", (record or {"version": 0})["version"]) != (
                record["version"] if record else 0):
            faults.add(("conflict", 0, "expect"))
        faults |= {("refused", 11, field) for field in self.existence(event, row, record)}
        secretary = self.actor(event, acts)["role"] == "secretary"
        guard = getattr(self, "guard_" + re.sub(r"[.-]", "_", event["type"]), None)
        if guard:
            faults |= {("refused", *fault)
                       for fault in guard(event, data, record if stands(record) else None,
                                          secretary, dry)}
        if ("not-allowed", 0, "data.member") in faults:  # told of one field once
            faults = {fault for fault in faults
                      if fault[0] != "refused" or fault[2] != "data.member"}
        warns = event["type"] == "werkplaats.plan-adopted" and data["sectors"] == ["government"]
        return faults, warns

    def existence(self, event, row, record):
        """G11: the subject, what the data name, and what is corrected."""
        region, effect, data = event["region"], row["effect"], event["data"]
        if region == SYSTEM:
            if not event["subject"].startswith("key/"):
                yield "region"
        elif not event["subject"].startswith("region/") and not stands(
                self.get(region, "region", region)):
            yield "region"
        if effect == "open":
            right = record is None or (row["reopens"] and "ended" in record)
        else:
            right = (stands(record) or row["opens"] and record is None or
                     row["ended_too"] and record is not None)
        if not right:
            yield "subject"
        for field, kind, entity in references(data, row["group"]):
            named = self.get(region, kind, entity)
            itself = f"{kind}/{entity}" == event["subject"]
            leaves = effect == "remove" and field == "data.member" and named  # it may have left
            cycle = field == "data.parent" and self.is_below(region, entity, event["subject"])
            if itself or cycle or not (leaves or stands(named)):
                yield field
        if effect == "remove" and stands(record):
            slot = record["fields"].get(row["slot"], {})
            keys = KEYS.get(row["slot"])
            if not slot or keys and tuple(data.get(key) for key in keys) not in slot:
                yield "data"
        if event["subject"] == "member/system":  # the operators' own name
            yield "subject"
        if "corrects" in event and not self.may_correct(event, record):
            yield "corrects"

    def is_below(self, region, name, subject):
        """Whether a werkplaats is part of the subject, over any number of levels."""
        while name and f"werkplaats/{name}" != subject:
            name = (self.get(region, "werkplaats", name) or {"fields": {}})["fields"].get("parent")
        return bool(name)

    def may_correct(self, event, record):
        wrong = event["corrects"]
        if not 1 <= wrong <= self.head or record is None or wrong in record.get("corrected", []):
            return False
        return self.stored[wrong - 1][:2] == (event["type"], self.path(event))

    @staticmethod
    def path(event):
        return (event["region"], *event["subject"].split("/"))

    @staticmethod
    def guard_werkplaats_opened(event, data, record, secretary, dry):
        if "theme" not in data:
            yield 1, "data.theme"
        baseline = data.get("baseline")
        phases = {"ongoing", "stopped"} if data["kind"] == "ongoing" else {*WAY, "stopped"}
        if baseline and baseline["phase"] not in phases:
            yield 10, "data.baseline.phase"
        if "common_interest" not in data and "baseline" not in data:
            yield 1, "data.common_interest"

    def guard_werkplaats_phase_changed(self, event, data, record, secretary, dry):
        if record is None:
            return
        fields, present, to = record["fields"], record["fields"]["phase"], data["to"]
        newest = fields.get("phases", [None])[-1]
        if newest and newest["seq"] == event.get("corrects"):
            present = newest["data"]["from"]
        elif "corrects" in event:
            yield 10, "corrects"
        if data["from"] != present:
            yield 10, "data.from"
        needs = step(present, to)
        if needs is None:
            yield 10, "data.to"
        elif needs and "reason" not in data:
            yield 10, "data.reason"
        for guard in ENTERING.get(to, []):
            if not guard(self, event["region"], fields):
                yield GUARD_OF[guard], "data.to"

    def four_pillars(self, region, fields):
        plan = fields["plan"]["data"] if "plan" in fields else None
        return bool(plan and {"doing", "interest"} <= plan["pillars"].keys() and plan["goals"] and
                    plan["sectors"])

    def feasible(self, region, fields):
        return "feasibility" in fields and fields["feasibility"]["data"]["outcome"] == "positive"

    def all_are_members(self, region, fields):
        """A member that left takes no part, though its participation was not ended yet."""
        return all(stands(self.get(region, "member", member))
                   for member, in fields.get("participants", {}))

    def somebody(self, region, fields):
        return bool(fields.get("participants")) and self.all_are_members(region, fields)

    def everybody_decided(self, region, fields):
        participants = {member for member, in fields.get("participants", {})}
        allocation = fields.get("allocations", {}).get(("execution",))
        if not self.all_are_members(region, fields):
            return False
        if not allocation or not participants or set(allocation["data"]["shares"]) != participants:
            return False
        for member, share in allocation["data"]["shares"].items():
            decision = fields.get("decisions", {}).get((member, "financial", "execution"))
            if (not decision or decision["data"]["outcome"] != "positive" or
                    decision["data"]["amount"] < share):
                return False
        return True

    def result_delivered(self, region, fields):
        return bool(fields.get("results"))

    def presented(self, region, fields):
        if "evaluation" not in fields:
            return False
        body = self.get(region, "body", fields["evaluation"]["data"]["presented_to"])
        return body["fields"]["level"] == "administrative" and "core_of" in body["fields"]

    def guard_participation_declared(self, event, data, record, secretary, dry):
        if secretary and not dry and "reference" not in event:
            yield 4, "reference"

    guard_participation_ended = guard_participation_declared

    def guard_costs_allocated(self, event, data, record, secretary, dry):
        key = self.get(event["region"], "cost-key", data["key"])
        version = (key or {"fields": {}})["fields"].get("versions", {}).get((data["version"],))
        if key and not version:
            yield 11, "data.version"
        if record is None:
            return
        participants = [member for member, in record["fields"].get("participants", {})]
        if not participants or not self.all_are_members(event["region"], record["fields"]):
            yield 5, "data.shares"
        elif version and not can_carry(version["data"], participants):
            yield 5, "data.shares"

    def guard_cost_key_adopted(self, event, data, record, secretary, dry):
        there = record["fields"]["versions"].get((data["version"],)) if record else None
        if there and there["seq"] != event.get("corrects"):
            yield 11, "data.version"

    def guard_decision_taken(self, event, data, record, secretary, dry):
        member = self.get(event["region"], "member", data["member"])
        if not stands(member):
            yield 6, "data.member"
        elif data["board"] not in BOARDS.get(member["fields"]["kind"], OTHER_BOARDS):
            yield 6, "data.board"
        if secretary and "reference" not in event:
            yield 6, "reference"

    def guard_measurement_recorded(self, event, data, record, secretary, dry):
        if record and record["fields"]["targets"][-1]["data"]["unit"] != data["unit"]:
            yield 11, "data.unit"

    def guard_key_added(self, event, data, record, secretary, dry):
        if data["curve"] in self.curves:
            yield 12, "data.curve"
        if data["organisation"] == "system" and event["region"] != "system":
            yield 12, "data.organisation"

    def guard_key_revoked(self, event, data, record, secretary, dry):
        """It is said once, but a correction may say it better."""
        said = (record or {"fields": {}})["fields"].get(TYPES[event["type"]]["slot"])
        if said and said["seq"] != event.get("corrects"):
            yield 12, "subject"

    def guard_key_retired(self, event, data, record, secretary, dry):
        yield from self.guard_key_revoked(event, data, record, secretary, dry)
        if record and "revoked" in record["fields"]:
            yield 12, "subject"

    def guard_role_granted(self, event, data, record, secretary, dry):
        if record and {"retired", "revoked"} & record["fields"].keys():
            yield 12, "subject"
            return
        role, region, own = data["role"], data["region"], event["region"]
        if role not in DEFAULTS:
            yield 12, "data.role"
            return
        right = (region == own == SYSTEM if role in OF_SYSTEM else
                 region != SYSTEM and own in (region, SYSTEM))
        there = right and (region == SYSTEM or stands(self.get(region, "region", region)))
        if not right:
            yield 12, "data.region"
        elif not there:
            yield 11, "data.region"
        if (role in OF_MEMBER) != ("member" in data):
            yield 12, "data.member"
        elif there and "member" in data and not stands(self.get(region, "member", data["member"])):
            yield 11, "data.member"
        if "werkplaats" in data:
            if role not in OF_WERKPLAATS:
                yield 12, "data.werkplaats"
            elif there and not stands(self.get(region, "werkplaats", data["werkplaats"])):
                yield 11, "data.werkplaats"

    def guard_private_erased(self, event, data, record, secretary, dry):
        """What is gone is gone: a correction is of the same part, and says better why."""
        of = data["of"]
        there = 1 <= of <= self.head
        _, path, _, private, _ = self.stored[of - 1] if there else (None, None, None, False, None)
        if path != self.path(event) or not private:
            yield 11, "data.of"
        else:
            corrected = self.erased_by(event.get("corrects", 0), path)
            if of != corrected if corrected else of in self.erased:
                yield 11, "data.of"

    def erased_by(self, seq, path):
        """The number of the event whose private part an event of this subject erased, or None."""
        type, at, _, _, of = self.stored[seq - 1] if 1 <= seq <= self.head else [None] * 5
        return of if (type, at) == ("private.erased", path) else None

    # What it does -------------------------------------------------------------------------------

    def apply(self, event, acts=None):
        """Stores a judged event and returns the shares of an allocation. Records are replaced, so
        that a post can be taken back."""
        row, path, data = TYPES[event["type"]], self.path(event), dict(event["data"])
        old = self.records.get(path)
        self.head += 1
        public = {name: value for name, value in data.items()
                  if "PRIVATE" not in FIELDS[row["group"]][name]["flags"]}
        if event["type"] == "werkplaats.opened":
            public["phase"] = (data["baseline"]["phase"] if "baseline" in data else
                               "ongoing" if data["kind"] == "ongoing" else "idea")
        if event["type"] == "costs.allocated":
            key = self.get(path[0], "cost-key", data["key"])["fields"]["versions"]
            public["shares"] = shares(data["amount"], key[(data["version"],)]["data"],
                                      [member for member, in old["fields"]["participants"]])
        actor = self.actor(event, acts)
        record = fold(old, {**event, "seq": self.head, "data": public, "actor": actor})
        self.records[path] = record
        self.stored.append((event["type"], path, data.get("member"), bool(private_names(event)),
                            data.get("of")))
        if event["type"] == "key.added":
            self.curves[data["curve"]] = path
            self.undo.append(lambda: self.curves.pop(data["curve"]))
        if private_names(event):
            self.parts.add(self.head)
            self.undo.append(lambda: self.parts.remove(self.head + 1))
        if event["type"] == "private.erased" and data["of"] not in self.erased:
            self.erased.add(data["of"])
            self.parts.remove(data["of"])
            self.undo.append(lambda: (self.erased.remove(data["of"]), self.parts.add(data["of"])))
        self.ids[event["id"]] = (content(event), actor["organisation"], self.head, actor["role"],
                                 bool(private_names(event)))
        self.undo.append(lambda: self.forget(path, old, event["id"]))
        return public.get("shares")

    def forget(self, path, old, id):
        self.head -= 1
        self.stored.pop()
        del self.ids[id]
        if old is None:
            del self.records[path]
        else:
            self.records[path] = old


# Which guards stand before a phase, and their numbers.
GUARD_OF = {Model.four_pillars: 2, Model.feasible: 3, Model.somebody: 5,
            Model.everybody_decided: 5, Model.result_delivered: 7, Model.presented: 8}
ENTERING = {"research": [Model.four_pillars],
            "preparation": [Model.four_pillars, Model.feasible, Model.somebody],
            "execution": [Model.four_pillars, Model.feasible, Model.everybody_decided],
            "aftercare": [Model.result_delivered], "completed": [Model.presented]}
