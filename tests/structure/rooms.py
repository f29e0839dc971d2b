#!/usr/bin/env python3
"""Holds the map (libimaparc/README.md) against the build files and the folders, and proves with the compiler that an
include outside the list does not compile.

    rooms.py SOURCE BUILD COMPILER
"""
import os
import re
import subprocess
import sys

source, build, compiler = sys.argv[1:4]
lib = os.path.join(source, 'libimaparc')
bad = []

# The build file: room -> rooms it uses.
text = open(os.path.join(lib, 'CMakeLists.txt')).read()
rooms = {}
for line in re.findall(r'^imaparc_room\(([^)]*)\)', text, re.M):
    words = line.split()
    uses = []
    if 'ROOMS' in words:
        uses = words[words.index('ROOMS') + 1:]
        uses = uses[:uses.index('LIBRARIES')] if 'LIBRARIES' in uses else uses
    rooms[words[0]] = uses

# The map: the table's rows and the picture's shelves.
readme = open(os.path.join(lib, 'README.md')).read()
table = {}
for name, uses in re.findall(r'^\| (\w+) \| [^|]* \| ([\w ]*?) ?\| [^|]*\|$', readme, re.M):
    if name != 'room':
        table[name] = uses.split()
if table != rooms:
    for name in sorted(set(table) | set(rooms)):
        if table.get(name) != rooms.get(name):
            bad.append('room %s: the map says %s, the build file %s' % (name, table.get(name), rooms.get(name)))

picture = readme.split('```')[1]
shelves = {}
for depth, line in enumerate(l for l in picture.splitlines() if re.search(r'[a-z]', l)):
    for word in re.findall(r'[a-z][a-z-]+', line):
        shelves[word] = depth
for name, uses in rooms.items():
    if name not in shelves:
        bad.append('room %s is not in the picture' % name)
    for used in uses:
        if shelves.get(used, -1) <= shelves.get(name, 99):
            bad.append('room %s uses %s, which is not on a shelf below it' % (name, used))

# The folders.
folders = sorted(d for d in os.listdir(lib) if os.path.isdir(os.path.join(lib, d)))
if folders != sorted(rooms):
    bad.append('folders %s, rooms %s' % (folders, sorted(rooms)))
for room in rooms:
    if not os.path.isdir(os.path.join(source, 'tests', room)):
        bad.append('tests/%s is missing' % room)

# Includes: only "room/file.h" of the room itself and of the rooms below it.
closure = {}
for name, uses in rooms.items():
    closure[name] = {name}.union(*[closure[u] for u in uses if u in closure])
for directory, _, files in os.walk(lib):
    for file in files:
        if not file.endswith(('.h', '.cpp')):
            continue
        path = os.path.join(directory, file)
        room = os.path.relpath(path, lib).split(os.sep)[0]
        for included in re.findall(r'^\s*#\s*include\s*"([^"]+)"', open(path).read(), re.M):
            target = included.split('/')[0]
            if target not in closure[room]:
                bad.append('%s includes %s' % (os.path.relpath(path, source), included))

# The compiler says the same: from each room, every room outside its list.
import json
commands = {}
for entry in json.load(open(os.path.join(build, 'compile_commands.json'))):
    path = os.path.realpath(entry['file'])
    if path.startswith(os.path.realpath(lib) + os.sep):
        commands.setdefault(os.path.relpath(path, lib).split(os.sep)[0], entry['command'])
for room, command in sorted(commands.items()):
    flags = re.findall(r'(?:-I|-isystem )\S+', command)
    for other in sorted(set(rooms) - closure[room]):
        header = next((f for f in sorted(os.listdir(os.path.join(lib, other))) if f.endswith('.h')), None)
        if not header:
            continue
        run = subprocess.run([compiler, '-std=c++20', '-fsyntax-only', '-x', 'c++', '-'] + ' '.join(flags).split(),
                             input='#include "%s/%s"\n' % (other, header), capture_output=True, text=True)
        if run.returncode == 0 or 'No such file' not in run.stderr and 'file not found' not in run.stderr:
            bad.append('an include of %s/%s compiles in room %s' % (other, header, room))

top = {e for e in os.listdir(source) if not e.startswith('.')} - {'build'}
allowed = {'CMakeLists.txt', 'CMakePresets.json', 'apps', 'libimaparc', 'tests', 'man', 'completions', 'README.md', 'LICENSE'}
if not top <= allowed:
    bad.append('top level has %s' % sorted(top - allowed))

for line in bad:
    print(line)
print('%d rooms, %d findings' % (len(rooms), len(bad)))
sys.exit(1 if bad else 0)
