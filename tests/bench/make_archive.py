#!/usr/bin/env python3
"""Writes an archive for the benchmark: OUT/bench, a Maildir++ with N messages in INBOX (and F empty-ish folders beside it).

    make_archive.py OUT N [F]

Sizes are log-normal around 3 kB, every fifth mail is a multipart with an attachment; the same N gives the same bytes.
"""
import base64
import os
import random
import sys
import time

WORDS = ('the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which one you '
         'were her all she there would their we him been has when who will more no if out so said what up its about into than them '
         'archive mailbox report contract invoice meeting figures delivery quarter budget office server question answer').split()


def message(r, number, when):
    size = min(200000, int(r.lognormvariate(8, 1)))
    text, length = [], 0
    while length < size:
        line = ' '.join(r.choice(WORDS) for _ in range(10))
        text.append(line)
        length += len(line) + 1
    body = '\n'.join(text)
    head = ('Return-Path: <sender%d@example.org>\nReceived: from mx.example.org by archive.example.com; %s\n'
            'From: "Person %d" <sender%d@example.org>\nTo: bench@example.com, list%d@example.net\nSubject: %s %d\nDate: %s\n'
            'Message-ID: <%d.bench@example.org>\nMIME-Version: 1.0\n'
            % (number % 900, when, number % 900, number % 900, number % 7, ' '.join(r.choice(WORDS) for _ in range(5)), number, when, number))
    if number % 5 == 0:
        attachment = base64.encodebytes(r.randbytes(min(50000, size))).decode()
        return (head + 'Content-Type: multipart/mixed; boundary="=_%d"\n\n--=_%d\nContent-Type: text/plain; charset=utf-8\n\n%s\n--=_%d\n'
                'Content-Type: application/pdf; name="report %d.pdf"\nContent-Transfer-Encoding: base64\n'
                'Content-Disposition: attachment; filename="report %d.pdf"\n\n%s--=_%d--\n'
                % (number, number, body, number, number, number, attachment, number)).encode()
    return (head + 'Content-Type: text/plain; charset=utf-8\n\n' + body + '\n').encode()


def main():
    out, count = os.path.join(sys.argv[1], 'bench'), int(sys.argv[2])
    folders = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    r = random.Random(count)
    for name in [''] + ['.f%d.g%d' % (k // 25, k) for k in range(folders)]:
        for part in ('cur', 'new', 'tmp'):
            os.makedirs(os.path.join(out, name, part), exist_ok=True)
    start = int(time.time()) - 300 * 86400
    for k in range(count):
        when = start + k * 250 * 86400 // count
        path = os.path.join(out, 'cur', '%d.M%dP1.bench:2,%s' % (when, k, 'S' if k % 3 else ''))
        with open(path, 'wb') as f:
            f.write(message(r, k, time.strftime('%a, %d %b %Y %H:%M:%S +0000', time.gmtime(when))))
        os.utime(path, (when, when))


main()
