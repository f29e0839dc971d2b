#!/usr/bin/env python3
"""Times IMAP operations against one server, or two alternately (A B A B ...) with the ratio of their medians.

    imap_bench.py NAME=PORT [NAME=PORT] [--user U] [--password P] [--rounds N] [--ops a,b,...] [--json FILE]

Servers are on 127.0.0.1. Every operation is bounded by --timeout. What a figure is: wall-clock seconds of one command on an
open connection from sending it to its tagged answer (replies are read, not parsed); of `login`, connect to tagged answer.
"""
import argparse
import json
import os
import socket
import statistics
import sys
import time


class Connection:
    def __init__(self, port, timeout):
        self.socket = socket.create_connection(('127.0.0.1', port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray(1 << 20)
        self.number = 0
        self.tail = b''
        while not self.tail.endswith(b'\r\n'):
            self.read()

    def read(self):
        n = self.socket.recv_into(self.buffer)
        if not n:
            raise OSError('connection closed')
        piece = bytes(self.buffer[max(0, n - 2048):n])
        self.tail = (self.tail + piece)[-2048:]
        return n

    def command(self, text):
        """Bytes received up to the tagged OK."""
        self.number += 1
        tag = b'zQ%06d' % self.number
        self.tail = b''
        self.socket.sendall(tag + b' ' + text.encode() + b'\r\n')
        received = 0
        while True:
            received += self.read()
            if self.tail.endswith(b'\r\n'):
                last = self.tail[self.tail.rfind(b'\n', 0, -1) + 1:]
                if last.startswith(tag):
                    if not last.startswith(tag + b' OK'):
                        raise OSError('%s is answered by %r' % (text, last))
                    return received

    def close(self):
        self.socket.close()


COMMANDS = {
    'flags': 'UID FETCH 1:* (UID FLAGS)',
    'envelope': 'FETCH 1:* (ENVELOPE INTERNALDATE RFC822.SIZE BODYSTRUCTURE)',
    'headers': 'FETCH 1:* (BODY.PEEK[HEADER.FIELDS (From To Subject Date Message-ID)])',
    'full': 'FETCH 1:* BODY.PEEK[]',
    'search-since': 'SEARCH SINCE 1-Jan-2015 BEFORE 1-Jan-2018',
    'search-subject': 'SEARCH SUBJECT quarter',
    'search-from': 'SEARCH FROM sender77@example.org',
    'search-body': 'SEARCH BODY contract',
    'search-text-none': 'SEARCH TEXT qqnowhereqq',
    'list': 'LIST "" "*"',
}


def measure(op, port, a):
    def connected(select=True):
        c = Connection(port, a.timeout)
        c.command('LOGIN %s %s' % (a.user, a.password))
        if select:
            c.command('SELECT INBOX')
        return c

    def many(f, n):
        times = []
        for k in range(n):
            start = time.perf_counter()
            f(k)
            times.append(time.perf_counter() - start)
        return statistics.median(times), 0

    if op == 'login':
        def once(_):
            c = connected(select=False)
            c.close()
        return many(once, a.samples)
    c = connected(op != 'list')
    try:
        if op == 'select':
            return many(lambda _: c.command('SELECT INBOX'), a.samples)
        if op == 'fetch-one':
            return many(lambda k: c.command('FETCH %d BODY.PEEK[]' % (1 + k * 37 % 900)), a.samples)
        start = time.perf_counter()
        received = c.command(COMMANDS[op])
        return time.perf_counter() - start, received
    finally:
        c.close()


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('servers', nargs='+', metavar='NAME=PORT')
    p.add_argument('--user', default='bench')
    p.add_argument('--password', default='pass')
    p.add_argument('--rounds', type=int, default=5)
    p.add_argument('--samples', type=int, default=200)
    p.add_argument('--timeout', type=float, default=300)
    p.add_argument('--ops', default=','.join(['login', 'select', 'fetch-one'] + list(COMMANDS)))
    p.add_argument('--json')
    a = p.parse_args()
    servers = [(s.split('=')[0], int(s.split('=')[1])) for s in a.servers]
    document = {'load_before': os.getloadavg(), 'rounds': a.rounds, 'operations': {}}
    print('%-18s' % 'operation' + ''.join('%34s' % n for n, _ in servers) + ('   second/first' if len(servers) == 2 else ''))
    for op in a.ops.split(','):
        samples = {name: [] for name, _ in servers}
        received = 0
        for _ in range(a.rounds):
            for name, port in servers:
                seconds, received = measure(op, port, a)
                samples[name].append(seconds)
        document['operations'][op] = samples
        medians = [statistics.median(samples[name]) for name, _ in servers]
        line = '%-18s' % op
        for (name, _), median in zip(servers, medians):
            line += '%14.3f ms (%6.3f to %8.3f)' % (median * 1e3, min(samples[name]) * 1e3, max(samples[name]) * 1e3)
        if len(servers) == 2:
            line += '   %.3f' % (medians[1] / medians[0])
        if op == 'full':
            line += '   ' + ', '.join('%.0f MB/s' % (received / m / 1e6) for m in medians)
        print(line, flush=True)
    document['load_after'] = os.getloadavg()
    print('load %.1f before, %.1f after' % (document['load_before'][0], document['load_after'][0]))
    if a.json:
        with open(a.json, 'w') as f:
            json.dump(document, f, indent=1)


try:
    main()
except OSError as e:
    sys.exit('imap_bench: %s' % e)
