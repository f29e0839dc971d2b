#!/usr/bin/env python3
"""Holds the catalog of German texts (libimaparc/session/texts_german.cpp) against what the sources of the room session
say to people: each text that goes into ok(), no(), bad(), say(), bye() or Bell::end() has its German, with the same
holes, and no other row is there. Texts made of pieces have "{}" where a piece is not literal.

    languages.py SOURCE
"""
import os
import re
import sys

session = os.path.join(sys.argv[1], 'libimaparc', 'session')
bad = []

TOKEN = re.compile(r'''"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|//[^\n]*|::|->|[A-Za-z_]\w*|\d\w*|\s+|.''', re.S)


def tokens(text):
    return [t for t in TOKEN.findall(text) if not t.isspace() and not t.startswith('//')]


def arguments(found, at):
    """The arguments of the call whose "(" is at `at`, each a list of tokens; and the place behind it."""
    depth, all_of_them, one = 0, [], []
    while at < len(found):
        token = found[at]
        if token in '([{':
            depth += 1
        if token in ')]}':
            depth -= 1
            if depth == 0:
                return all_of_them + [one] if one else all_of_them, at + 1
        if depth == 1 and token == ',':
            all_of_them.append(one)
            one = []
        elif depth > 1 or token not in '({' or one:
            one.append(token)
        at += 1
    return [], at


def texts(expression):
    """What the expression can be: literals joined, "{}" for the rest; both sides of a "?"."""
    while len(expression) > 2 and expression[0] == '(' and closes(expression, 0) == len(expression) - 1:
        expression = expression[1:-1]
    depth, question, colon = 0, None, None
    for i, token in enumerate(expression):
        depth += (token in '([{') - (token in ')]}')
        if depth == 0 and token == '?' and question is None:
            question = i
        if depth == 0 and token == ':' and question is not None:
            colon = i
            break
    if colon is not None:
        return texts(expression[question + 1:colon]) + texts(expression[colon + 1:])
    pieces, piece = [], []
    for token in expression:
        depth += (token in '([{') - (token in ')]}')
        if depth == 0 and token == '+':
            pieces.append(piece)
            piece = []
        else:
            piece.append(token)
    results = ['']
    for piece in pieces + [piece]:
        if piece and all(t.startswith('"') for t in piece):
            here = [''.join(eval(t) for t in piece)]
        elif piece[:4] == ['std', '::', 'string', '('] and piece[-1] == ')':
            here = texts(piece[4:-1])
        elif piece and piece[0] == '(':
            here = texts(piece)
        else:
            here = ['{}']
        results = [r + h for r in results for h in here]
    return results


def closes(expression, at):
    depth = 0
    for i in range(at, len(expression)):
        depth += (expression[i] in '([{') - (expression[i] in ')]}')
        if depth == 0:
            return i
    return -1


# What is said before a client can have chosen a language.
before = {'imaparc ready', 'Too many connections, or shutting down'}
# Which argument of what is the text.
calls = {'ok': 0, 'no': 1, 'bad': 0, 'say': 2, 'bye': 0, 'end': 0, 'in_language': 1, 'render_untagged': 3}
said = {}
for name in sorted(os.listdir(session)):
    if not name.endswith('.cpp') or name.startswith('texts'):
        continue
    found = tokens(open(os.path.join(session, name)).read())
    constants = {found[i - 1]: found[i + 1] for i in range(1, len(found) - 1)
                 if found[i] == '=' and found[i + 1].startswith('"')}
    for i, token in enumerate(found[:-1]):
        if token == 'Error' and found[i + 1] == '{':
            given, _ = arguments(found, i + 1)
            if len(given) == 2 and given[1] and given[1][0].startswith('"'):
                said.setdefault(texts(given[1])[0], name)
            continue
        if token not in calls or found[i + 1] != '(':
            continue
        if token == 'end' and found[i - 2:i] != ['bell', '->']:
            continue
        if i > 0 and (found[i - 1] in ('Outcome', '.') or (found[i - 1] == '::' and found[i - 2] == 'Condition')):
            if token != 'say':
                continue
        given, _ = arguments(found, i + 1)
        if token == 'render_untagged' and len(given) == 4:
            if not {eval(t) for t in given[3] if t.startswith('"')} <= before:
                bad.append('%s: render_untagged(%s): State::say() speaks the client\'s language' % (name, ' '.join(given[3])))
            continue
        if len(given) <= calls[token]:
            continue
        expression = [constants.get(t, t) for t in given[calls[token]]]
        for text in texts(expression):
            text = re.sub(r'^\[[A-Z]+\] ', '', text)  # a code
            if re.sub(r'\{\}|\W', '', text):
                said.setdefault(text, name)

catalog = {}
table = open(os.path.join(session, 'texts_german.cpp')).read().split('texts[] = {')[1].split('\n};')[0]
for english, german in re.findall(r'\{((?:\s*"(?:[^"\\]|\\.)*")+),((?:\s*"(?:[^"\\]|\\.)*")+)\s*\}', table):
    english, german = (''.join(eval(s) for s in re.findall(r'"(?:[^"\\]|\\.)*"', side))
                       for side in (english, german))
    if english in catalog:
        bad.append('"%s" is there twice' % english)
    catalog[english] = german
    if english.count('{}') != german.count('{}'):
        bad.append('"%s" and "%s" differ in their holes' % (english, german))


def covered_by(text):
    for english in catalog:
        pattern = '.*?'.join(re.escape(p) for p in english.split('{}'))
        if re.fullmatch(pattern, text, re.S):
            return english
    return None


used = set()
for text, name in sorted(said.items(), key=lambda item: (item[1], item[0])):
    row = covered_by(text)
    if row is None:
        bad.append('%s: no German for "%s"' % (name, text))
    else:
        used.add(row)
# What rooms below say and what is made by other means is named here.
elsewhere = {line.strip() for line in re.findall(r'^    // elsewhere: (.*)$', table, re.M)}
for english in catalog:
    if english not in used and english not in elsewhere:
        bad.append('nobody says "%s"' % english)

if len(said) < 40:
    bad.append('the sources are not understood: %s' % sorted(said))
for line in bad:
    print(line)
print('%d texts, %d in the catalog, %d findings' % (len(said), len(catalog), len(bad)))
sys.exit(1 if bad else 0)
