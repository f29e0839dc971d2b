#!/usr/bin/env python3
"""Makes a corpus of what the clients say in the IMAP scripts of tests/protocol.

    seeds.py PROTOCOL-DIRECTORY OUTPUT-DIRECTORY PREFIX-OCTETS-IN-HEX
"""
import glob
import os
import re
import sys

protocol, output, prefix = sys.argv[1:4]
os.makedirs(output, exist_ok=True)


def unescaped(text):
    """What \\xHH, \\r, \\n, \\t and \\\\ mean in a script's lines."""
    plain = {'r': b'\r', 'n': b'\n', 't': b'\t', '\\': b'\\'}
    result = b''
    for match in re.finditer(r'\\x([0-9A-Fa-f]{2})|\\([rnt\\])|([^\\]+|\\)', text):
        octet, letter, rest = match.groups()
        result += bytes([int(octet, 16)]) if octet else plain[letter] if letter else rest.encode()
    return result


for path in sorted(glob.glob(os.path.join(protocol, '*.script'))):
    said = b''
    for line in open(path, encoding='utf-8'):
        match = re.match(r'C([:-]) (.*)$', line.rstrip('\n'))
        if not match or '\\R(' in match.group(2):
            continue
        text = match.group(2).replace('$user', 'ann')
        said += unescaped(text) + (b'\r\n' if match.group(1) == ':' else b'')
    if said:
        with open(os.path.join(output, os.path.basename(path)[:-len('.script')]), 'wb') as file:
            file.write(bytes.fromhex(prefix) + said[:7000])
