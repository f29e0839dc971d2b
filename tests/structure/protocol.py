#!/usr/bin/env python3
"""Holds the table of capabilities in man/imaparc-protocol.7 against libimaparc/session/capabilities.cpp: a row for each
that is announced and for no other, with an RFC and with tests that are there.

    protocol.py SOURCE
"""
import os
import re
import sys

source = sys.argv[1]
bad = []


def read(*path):
    with open(os.path.join(source, *path)) as f:
        return f.read()


code = read('libimaparc', 'session', 'capabilities.cpp')
announced = re.findall(r'\{"([^"]+)",\s*When::', code)
if len(announced) < 15:
    bad.append('capabilities.cpp is not understood: %s' % announced)
page = read('man', 'imaparc-protocol.7')
table = page.split('.Sh CAPABILITIES')[1].split('.El')[0]
rows = re.findall(r'^\.It (\S+) Ta (.*?) Ta (.*)$', table, re.M)
names = [name for name, _, _ in rows if name != 'Sy']
for name in sorted(set(announced) - set(names)):
    bad.append('%s is announced and has no row' % name)
for name in sorted(set(names) - set(announced)):
    bad.append('%s has a row and is not announced' % name)
for name in sorted(n for n in set(names) if names.count(n) > 1):
    bad.append('%s has two rows' % name)
for name, rfc, tests in rows:
    if name == 'Sy':
        continue
    if not re.fullmatch(r'RFC \d+(, RFC \d+|, \d+(\.\d+)*)*|-', rfc):
        bad.append('%s: %s is no RFC' % (name, rfc))
    for test in tests.split(', '):
        test = test.strip()
        path = os.path.join('tests', test) if '/' in test else os.path.join('tests', 'protocol', test + '.script')
        if not os.path.isfile(os.path.join(source, path)):
            bad.append('%s: %s is not there' % (name, path))
for line in bad:
    print(line)
print('%d capabilities, %d rows, %d findings' % (len(announced), len(names), len(bad)))
sys.exit(1 if bad else 0)
