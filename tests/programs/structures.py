"""IMAP's answers as values: ENVELOPE, BODY and BODYSTRUCTURE (RFC 3501 7.4.2), and the comparison of two of them."""
import collections
import re

TOKEN = re.compile(rb'\s*(?:([()])|"((?:[^"\\]|\\.)*)"|([^\s()"]+))', re.S)
FIELDS = ('date', 'subject', 'from', 'sender', 'reply-to', 'to', 'cc', 'bcc', 'in-reply-to', 'message-id')


def values(parts):
    """A response of harness.Imap (text and literals in turn) as nested lists of bytes, int and None."""
    stack = [[]]
    for position, part in enumerate(parts):
        if position % 2:
            stack[-1].append(part)
            continue
        for parenthesis, string, atom in (m.groups() for m in TOKEN.finditer(part)):
            if parenthesis == b'(':
                stack.append([])
            elif parenthesis == b')':
                done = stack.pop()
                stack[-1].append(done)
            elif string is not None:
                stack[-1].append(re.sub(rb'\\(.)', rb'\1', string, flags=re.S))
            else:
                stack[-1].append(None if atom.upper() == b'NIL' else int(atom) if atom.isdigit() else atom)
    return stack[0]


def fetched(response):
    """(number, {item: value}) of an untagged FETCH; None of another response."""
    v = values(response)
    if len(v) < 4 or v[2] != b'FETCH':
        return None
    return v[1], {v[3][i].decode(): v[3][i + 1] for i in range(0, len(v[3]), 2)}


def lower(text):
    return text.lower() if isinstance(text, bytes) else text


def envelope(v):
    return {'ENVELOPE ' + name: x for name, x in zip(FIELDS, v)}


def parameters(v):
    """In any order: of one name or value nothing else depends on it."""
    return v and sorted((v[i].lower(), v[i + 1]) for i in range(0, len(v), 2))


def extension(part, v):
    """What may follow in a BODYSTRUCTURE, as much of it as there is."""
    for name, x in zip(('disposition', 'language', 'location'), v):
        if name == 'disposition':
            x = x and (lower(x[0]), parameters(x[1]))
        part[name] = x


def structure(v):
    """A body: {'type', 'parameters', ..., 'parts': [...]}; types, encodings and names of parameters without case."""
    part = {}
    if isinstance(v[0], list):
        parts = [x for x in v if isinstance(x, list)]
        count = next(i for i, x in enumerate(v) if not isinstance(x, list))
        part.update(type=b'multipart/' + lower(v[count]), parts=[structure(x) for x in parts[:count]])
        if len(v) > count + 1:
            part['parameters'] = parameters(v[count + 1])
            extension(part, v[count + 2:])
        return part
    part.update(type=lower(v[0]) + b'/' + (lower(v[1]) or b''), parameters=parameters(v[2]), id=v[3], description=v[4],
                encoding=lower(v[5]), octets=v[6])
    rest = v[7:]
    if part['type'] in (b'message/rfc822', b'message/') and rest and isinstance(rest[0], list):
        part.update(envelope=envelope(rest[0]), parts=[structure(rest[1])], lines=rest[2])
        rest = rest[3:]
    elif part['type'].startswith(b'text/'):
        part['lines'] = rest[0]
        rest = rest[1:]
    if rest:
        part['md5'] = rest[0]
        extension(part, rest[1:])
    return part


def numbered(part, number=(), inside_message=False):
    """[(section number, part)], outer first. A multipart that is a message's whole body has the message's number."""
    if part['type'].startswith(b'multipart/'):
        found = [(number, part)]
        for i, child in enumerate(part['parts'], 1):
            found += numbered(child, number + (i,))
        return found
    if inside_message or not number:
        number += (1,)
    found = [(number, part)]
    if 'parts' in part:
        found += numbered(part['parts'][0], number, True)
    return found


def place(number, multipart, inside_message):
    """The section number of a part, and how a difference in it is called; the message as a whole has no number."""
    whole = not number
    if not multipart and (inside_message or whole):
        number += (1,)
    return number, '' if whole else ' of part ' + '.'.join(map(str, number))


class Comparison:
    """Ours against those of one source. Classes: (name, fields, change): where a field differs, change(ours, theirs) gives
    the two as they are without what the class is about; what is the same then is no difference, but counted."""

    def __init__(self, source, classes=()):
        self.source = source
        self.classes = classes
        self.differences = {}
        self.used = collections.Counter()
        self.compared = 0
        self.messages = set()
        self.passed_over = 0

    def field(self, message, what, field, ours, theirs):
        self.compared += 1
        self.messages.add(message)
        a, b, used = ours, theirs, []
        for name, fields, change in self.classes:
            if a == b:
                break
            if field in fields:
                changed = change(a, b)
                if changed != (a, b):
                    used.append(name)
                    a, b = changed
        if a == b:
            self.used.update(used)
        else:
            self.differences.setdefault((message, what), (ours, theirs))

    def envelopes(self, message, where, ours, theirs):
        for name in ours:
            self.field(message, name + where, name, ours[name], theirs[name])

    def structures(self, message, ours, theirs, number=(), inside=False, what='BODYSTRUCTURE'):
        multipart = ours['type'].startswith(b'multipart/')
        number, where = place(number, multipart, inside)
        if ours['type'] != theirs['type']:
            self.field(message, what + ' type' + where, 'type', ours['type'], theirs['type'])
            if (message, what + ' type' + where) in self.differences:
                return
        for name in sorted(set(ours) | set(theirs)):
            if name == 'envelope':
                if isinstance(theirs.get(name), dict) and isinstance(ours.get(name), dict):
                    self.envelopes(message, where, ours[name], theirs[name])
                else:
                    self.field(message, what + ' envelope' + where, name, ours.get(name), theirs.get(name))
            elif name == 'parts':
                a, b = ours.get(name, []), theirs.get(name, [])
                self.field(message, what + ' number of parts' + where, name, len(a), len(b))
                if len(a) == len(b):
                    for i, (x, y) in enumerate(zip(a, b), 1):
                        self.structures(message, x, y, number + (i,) if multipart else number, not multipart, what)
            elif name != 'type':
                self.field(message, what + ' ' + name + where, name, ours.get(name), theirs.get(name))
