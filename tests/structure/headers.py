#!/usr/bin/env python3
"""Each header compiles alone, with the includes its room may use: compiled here, or by the build itself, where a source
file begins with it and nothing is precompiled.

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
begun_with = set()  # headers that stand first in a source file which the build compiles
for entry in json.load(open(os.path.join(build, 'compile_commands.json'))):
    path = os.path.realpath(entry['file'])
    if path.startswith(lib + os.sep):
        room = os.path.relpath(path, lib).split(os.sep)[0]
        words = ' '.join(re.findall(r'(?:-I|-isystem |-D)\S+', entry['command'])).split()
        flags.setdefault(room, words)
        first = re.search(r'^\s*#\s*include\s*(\S+)', open(path).read(), re.M)
        if first and 'cmake_pch' not in entry['command']:
            begun_with.add(first.group(1).strip('"'))


def compile_alone(path):
    room = os.path.relpath(path, lib).split(os.sep)[0]
    name = os.path.relpath(path, lib)
    run = subprocess.run([compiler, '-std=c++20', '-fsyntax-only', '-Wall', '-Wextra', '-x', 'c++', '-'] + flags.get(room, []),
                         input='#include "%s"\n' % name, capture_output=True, text=True)
    return name, run.returncode, run.stderr


everything = [os.path.join(d, f) for d, _, files in os.walk(lib) for f in files if f.endswith('.h')]
headers = [path for path in everything if os.path.relpath(path, lib) not in begun_with]
failed = 0
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    for name, code, errors in pool.map(compile_alone, sorted(headers)):
        if code:
            failed += 1
            print('%s does not compile alone:\n%s' % (name, errors[:600]))
print('%d headers, %d of them compiled here, %d failed' % (len(everything), len(headers), failed))
sys.exit(1 if failed or not everything else 0)
