"""The regular expressions of the API models -> deterministic automata over code points.

Understood: characters, classes and negated ones, \\w \\d (ASCII, as in Java), \\xHH, \\uHHHH, \\p{L} \\p{N} \\p{Z} (facts/unicode_categories.tsv), groups,
alternation, . * + ? {m} {m,n}, anchors at the ends (matching is always of the whole text) and a negative look-ahead of one
character class; what looks ahead further stands in WITHOUT_LOOK_AHEAD. The models write code points past U+FFFF as \\u10000, which is taken for what it means.
"""
from dataclasses import dataclass

import _tsv

LAST = 0x10FFFF


def normalise(ranges):
    out = []
    for first, last in sorted(ranges):
        if out and first <= out[-1][1] + 1:
            out[-1][1] = max(out[-1][1], last)
        else:
            out.append([first, last])
    return tuple(tuple(r) for r in out)


def complement(ranges):
    """The characters that are in none of these sorted ranges."""
    out, begin = [], 0
    for first, last in ranges:
        if begin < first:
            out.append((begin, first - 1))
        begin = last + 1
    return tuple(out) if begin > LAST else (*out, (begin, LAST))


# The same language without a look-ahead, for those of more than one character.
WITHOUT_LOOK_AHEAD = {
    "(?!.*//)([A-Za-z]([A-Za-z0-9_/-]*[A-Za-z0-9_-])?)?": "([A-Za-z](/?[A-Za-z0-9_-])*)?",
}

WORD = normalise([(48, 57), (65, 90), (95, 95), (97, 122)])
DIGIT = ((48, 57),)
# What . stands for: Java ends lines at these.
NOT_LINE_END = ((0, 9), (11, 12), (14, 0x84), (0x86, 0x2027), (0x202A, LAST))


def categories(facts):
    table = {}
    for row in _tsv.read(facts / "unicode_categories.tsv"):
        table.setdefault(row["category"], []).append((int(row["first"], 16), int(row["last"], 16)))
    return {name: normalise(ranges) for name, ranges in table.items()}


class Parser:
    """Recursive descent into tuples: ('set', ranges) ('cat', [..]) ('alt', [..]) ('rep', node, low, high) ('not', ranges)."""

    def __init__(self, text, table):
        self.text, self.at, self.table = text, 0, table

    def peek(self):
        return self.text[self.at] if self.at < len(self.text) else ""

    def take(self, token):
        if self.text.startswith(token, self.at):
            self.at += len(token)
            return True
        return False

    def parse(self):
        node = self.alternation()
        if self.at != len(self.text):
            raise SystemExit(f"pattern {self.text}: cannot read from position {self.at}")
        return node

    def alternation(self):
        branches = [self.sequence()]
        while self.take("|"):
            branches.append(self.sequence())
        return branches[0] if len(branches) == 1 else ("alt", branches)

    def sequence(self):
        items = []
        while self.peek() not in ("", "|", ")"):
            if self.take("^") or self.take("$"):
                continue
            items.append(self.repeated())
        return ("cat", items)

    def repeated(self):
        node = self.atom()
        if self.take("*"):
            return ("rep", node, 0, None)
        if self.take("+"):
            return ("rep", node, 1, None)
        if self.take("?"):
            return ("rep", node, 0, 1)
        if self.take("{"):
            bounds, self.at = self.text[self.at : self.text.index("}", self.at)], self.text.index("}", self.at) + 1
            low, _, high = bounds.partition(",")
            return ("rep", node, int(low), int(high or low))
        return node

    def atom(self):
        if self.take("(?!"):
            node = self.sequence()
            if not self.take(")") or len(node[1]) != 1 or node[1][0][0] != "set":
                raise SystemExit(f"pattern {self.text}: look-ahead of more than one character")
            return ("not", node[1][0][1])
        if self.take("("):
            node = self.alternation()
            if not self.take(")"):
                raise SystemExit(f"pattern {self.text}: unclosed group")
            return node
        if self.take("["):
            return ("set", self.char_class())
        return ("set", self.escaped_or_plain())

    def escaped_or_plain(self):
        """Ranges of one character or class escape."""
        c = self.peek()
        self.at += 1
        if c == ".":
            return NOT_LINE_END
        if c != "\\":
            if c in "*+?{}":
                raise SystemExit(f"pattern {self.text}: unexpected {c}")
            return ((ord(c), ord(c)),)
        return self.escape()

    def escape(self):
        c = self.peek()
        self.at += 1
        if c == "w":
            return WORD
        if c == "d":
            return DIGIT
        if c == "p":
            name = self.text[self.at + 1 : self.text.index("}", self.at)]
            self.at += len(name) + 2
            return self.table[name]
        if c == "u":
            # Longest reading first: the models mean U+10000 and U+10FFFF by five and six digits.
            for digits in ("10000", "10FFFF", self.text[self.at : self.at + 4]):
                if self.take(digits):
                    return ((int(digits, 16), int(digits, 16)),)
        if c == "x":
            digits = self.text[self.at : self.at + 2]
            self.at += 2
            return ((int(digits, 16), int(digits, 16)),)
        if c.isalnum():
            raise SystemExit(f"pattern {self.text}: unknown escape \\{c}")
        return ((ord(c), ord(c)),)

    def char_class(self):
        is_negated = self.take("^")
        ranges = []
        while not self.take("]"):
            first = self.class_item()
            is_range = self.peek() == "-" and self.text[self.at + 1] != "]" and len(first) == 1 and first[0][0] == first[0][1]
            if is_range:
                self.at += 1
                ranges.append((first[0][0], self.class_item()[0][1]))
            else:
                ranges.extend(first)
        return complement(normalise(ranges)) if is_negated else normalise(ranges)

    def class_item(self):
        c = self.peek()
        self.at += 1
        return self.escape() if c == "\\" else ((ord(c), ord(c)),)


class Nfa:
    """States with edges (ranges, target), free edges, and free edges guarded by 'the next character is not in'."""

    def __init__(self):
        self.edges, self.free = [], []

    def state(self):
        self.edges.append([])
        self.free.append([])
        return len(self.edges) - 1

    def build(self, node, start):
        """Adds the node after `start`; returns its end state."""
        kind = node[0]
        if kind == "set":
            end = self.state()
            self.edges[start].append((node[1], end))
            return end
        if kind == "not":
            end = self.state()
            self.free[start].append((node[1], end))
            return end
        if kind == "cat":
            for item in node[1]:
                start = self.build(item, start)
            return start
        if kind == "alt":
            end = self.state()
            for branch in node[1]:
                begin = self.state()
                self.free[start].append(((), begin))
                self.free[self.build(branch, begin)].append(((), end))
            return end
        return self.repeat(node[1], node[2], node[3], start)

    def repeat(self, node, low, high, start):
        for _ in range(low):
            start = self.build(node, start)
        end = self.state()
        self.free[start].append(((), end))
        if high is None:
            loop = self.state()
            self.free[start].append(((), loop))
            self.free[self.build(node, loop)].append(((), loop))
            self.free[loop].append(((), end))
            return end
        for _ in range(high - low):
            start = self.build(node, start)
            self.free[start].append(((), end))
        return end


@dataclass
class Automaton:
    text: str
    classes: int
    ascii: list  # class of each ASCII character
    ranges: list  # (first, last, class) past ASCII
    transitions: list  # rows of next states
    accepts: list

    @property
    def is_class_run(self):
        """Whether it is [class]* or [class]+: two classes, and class 1 leads from every live state to acceptance."""
        return self.classes == 2 and all(self.accepts[row[1]] for row in self.transitions[1:]) and len(self.transitions) <= 4

    def matches(self, text):
        """The automaton itself, for the tests of this generator."""
        state = 1
        for c in map(ord, text):
            kind = self.ascii[c] if c < 128 else next((k for a, b, k in self.ranges if a <= c <= b), 0)
            state = self.transitions[state][kind]
        return self.accepts[state]


def alphabet(sets):
    """Splits the code points into classes that no set tells apart: [(first, last, class)], and a sample of each class.
    Class 0 is what no set contains."""
    cuts = sorted({0, LAST + 1, 128} | {x for s in sets for first, last in s for x in (first, last + 1)})
    numbers, pieces, samples = {(False,) * len(sets): 0}, [], {}
    for first, after in zip(cuts, cuts[1:]):
        signature = tuple(contains(s, first) for s in sets)
        number = numbers.setdefault(signature, len(numbers))
        samples.setdefault(number, first)
        if pieces and pieces[-1][2] == number and pieces[-1][1] == first - 1 and first != 128:
            pieces[-1][1] = after - 1
        else:
            pieces.append([first, after - 1, number])
    return pieces, samples, len(numbers)


def contains(ranges, point):
    low, high = 0, len(ranges)
    while low < high:
        middle = (low + high) // 2
        if ranges[middle][1] < point:
            low = middle + 1
        else:
            high = middle
    return low < len(ranges) and ranges[low][0] <= point


def closure(nfa, items):
    seen, work = set(items), list(items)
    while work:
        state, banned = work.pop()
        for guard, target in nfa.free[state]:
            item = (target, banned + ((guard,) if guard and guard not in banned else ()))
            if item not in seen:
                seen.add(item)
                work.append(item)
    return frozenset(seen)


def compile_pattern(text, table):
    nfa = Nfa()
    start = nfa.state()
    final = nfa.build(Parser(WITHOUT_LOOK_AHEAD.get(text, text), table).parse(), start)
    sets = list({s for edges in nfa.edges for s, _ in edges} | {g for free in nfa.free for g, _ in free if g})
    pieces, samples, classes = alphabet(sorted(sets))
    first = closure(nfa, [(start, ())])
    numbers, queue, rows, accepts = {frozenset(): 0, first: 1}, [first], {0: [0] * classes}, {0: False}
    for items in queue:
        row = []
        for number in range(classes):
            point = samples.get(number, -1)
            moved = {
                (target, ())
                for state, banned in items
                if not any(contains(g, point) for g in banned)
                for ranges, target in nfa.edges[state]
                if contains(ranges, point)
            }
            after = closure(nfa, moved)
            if after not in numbers:
                numbers[after] = len(numbers)
                queue.append(after)
            row.append(numbers[after])
        rows[numbers[items]] = row
        accepts[numbers[items]] = any(state == final for state, _ in items)
    if len(numbers) > 65_536 or classes > 256:
        raise SystemExit(f"pattern {text}: {len(numbers)} states are too many")
    kinds = [next(k for a, b, k in pieces if a <= c <= b) for c in range(128)]
    past = [(a, b, k) for a, b, k in pieces if a >= 128 and k != 0]
    return Automaton(text, classes, kinds, past, [rows[i] for i in range(len(numbers))], [accepts[i] for i in range(len(numbers))])
