#!/usr/bin/env python3
"""Each header compiles alone, with the includes its room may use.

    headers.py SOURCE BUILD COMPILER
"""
import concurrent.futures
import json
import os
import re
import subprocess
import sys

source, build, compiler = sys.argv[1:4]
lib = os.path.realpath(os.path.join(source, 'libimaparc'))
flags = {}
for entry in json.load(open(os.path.join(build, 'compile_commands.json'))):
    path = os.path.realpath(entry['file'])
    if path.startswith(lib + os.sep):
        room = os.path.relpath(path, lib).split(os.sep)[0]
        words = ' '.join(re.findall(r'(?:-I|-isystem |-D)\S+', entry['command'])).split()
        flags.setdefault(room, words)


def compile_alone(path):
    room = os.path.relpath(path, lib).split(os.sep)[0]
    name = os.path.relpath(path, lib)
    run = subprocess.run([compiler, '-std=c++20', '-fsyntax-only', '-Wall', '-Wextra', '-x', 'c++', '-'] + flags.get(room, []),
                         input='#include "%s"\n' % name, capture_output=True, text=True)
    return name, run.returncode, run.stderr


headers = [os.path.join(d, f) for d, _, files in os.walk(lib) for f in files if f.endswith('.h')]
failed = 0
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    for name, code, errors in pool.map(compile_alone, sorted(headers)):
        if code:
            failed += 1
            print('%s does not compile alone:\n%s' % (name, errors[:600]))
print('%d headers, %d failed' % (len(headers), failed))
sys.exit(1 if failed or not headers else 0)
