"""Prunes the style of the components: only those named here, only the tokens that they reach."""

import re
import sys

COMPONENTS = ["document", "heading-1", "heading-2", "heading-3", "link", "table", "button", "textbox",
              "textarea", "form-label", "form-field", "fieldset"]

RULE = re.compile(r"((?:@media[^{]*|@supports[^{]*)\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}|[^{}@][^{}]*\{[^{}]*\})")
USED = re.compile(r"var\(\s*(--[\w-]+)")
TOKEN = re.compile(r"(--[\w-]+):\s*([^;]+);")


def wanted(selector):
    """A selector of one of the components and nothing else of the library."""
    names = re.findall(r"\.(utrecht-[a-z0-9]+(?:-[a-z0-9]+)*)", selector)
    bases = [name.removeprefix("utrecht-") for name in names]
    return bool(bases) and all(
        any(base == component or base.startswith(component + "--") for component in COMPONENTS)
        for base in bases)


def prune_rule(rule):
    """The rule with the selectors that are wanted; None if none is."""
    selector, rest = rule.split("{", 1)
    kept = [part for part in re.split(r",(?![^(]*\))", selector) if wanted(part)]
    return ",".join(kept) + "{" + rest if kept else None


def prune(css):
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.S)
    for match in RULE.finditer(css):
        rule = match.group(1)
        if rule.lstrip().startswith("@"):
            head, inside = rule.split("{", 1)
            rules = [prune_rule(inner) for inner in re.findall(r"[^{}]+\{[^{}]*\}", inside[:-1])]
            rules = [inner for inner in rules if inner]
            if rules:
                yield head + "{" + "".join(rules) + "}"
        elif (kept := prune_rule(rule)) is not None:
            yield kept


def small(css):
    css = re.sub(r"\s+", " ", css)
    return re.sub(r" ?([{};:,>]) ?", r"\1", css).replace(";}", "}").strip()


def main(look, theme, *names):
    rules = small("".join(prune(open(look, encoding="utf-8").read())))
    tokens = dict(TOKEN.findall(open(theme, encoding="utf-8").read()))
    reached, ahead = set(), set(USED.findall(rules))
    while ahead:
        name = ahead.pop()
        if name in tokens and name not in reached:
            reached.add(name)
            ahead |= set(USED.findall(tokens[name]))
    print(f"/* Made by scripts/assets from {' and '.join(names)}; EUPL-1.2, see LICENSE.utrecht and\n"
          "   LICENSE.voorbeeld. Copyright Gemeente Utrecht, Frameless B.V. and the community of the\n"
          "   NL Design System. */")
    print(".voorbeeld-theme{" + ";".join(f"{name}:{small(tokens[name])}" for name in tokens
                                         if name in reached) + "}")
    print(rules)


main(*sys.argv[1:])
