#!/usr/bin/env python3
"""Holds the manual pages and the completions against the programs: each verb and option that the programs' own help
knows, each setting with its default and range, each member of the JSON answers, each verb of the control socket.

    manual.py SOURCE BUILD COMPILER

What cannot be tried because a program is not installed (mandoc, zsh, fish) is said.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

source, build = (os.path.abspath(p) for p in sys.argv[1:3])
ctl = os.path.join(build, 'bin', 'imaparch-ctl')
daemon = os.path.join(build, 'bin', 'imaparchd')
bad = []


def check(condition, text):
    if not condition:
        bad.append(text)


def read(*path):
    with open(os.path.join(source, *path)) as f:
        return f.read()


def run(*words, **more):
    return subprocess.run(words, capture_output=True, text=True, timeout=60, **more)


# ---- what the programs say themselves

def help_of(program, path=()):
    """{path of verbs: its options}, from --help, recursively. Both forms of an option count: -h and --help."""
    done = run(program, *path, '--help')
    check(done.returncode == 0, '%s %s --help ends with %d' % (program, ' '.join(path), done.returncode))
    options, verbs, section = [], [], ''
    for line in done.stdout.split('\n'):
        if re.match(r'[A-Z]\w+:$', line):
            section = line
        elif not line.startswith('  '):
            section = section if not line else ''
        elif section == 'Options:' and line.startswith('  -'):
            options += line.split()[0].split(',')
        elif section == 'Subcommands:' and re.match(r'  \w', line):
            verbs.append(line.split()[0])
    found = {path: options}
    for verb in verbs:
        found.update(help_of(program, path + (verb,)))
    return found


verbs = help_of(ctl)
daemon_options = help_of(daemon)[()]
leaves = [p for p in verbs if p and not any(q[:len(p)] == p and q != p for q in verbs)]
check(len(leaves) > 10 and all('--help' in options for options in verbs.values()) and '--config' in daemon_options,
      'the help is not understood: %s' % verbs)

# Each setting, those of a store by their own names.
work = tempfile.TemporaryDirectory(prefix='imaparc-manual-')
config = os.path.join(work.name, 'imaparchd.toml')
with open(config, 'w') as f:
    f.write('[[store]]\nname = "tape"\npath = "%s/%%u"\n[auth.file]\npath = "%s/users"\n' % (work.name, work.name))
with open(os.path.join(work.name, 'users'), 'w') as f:
    f.write('')
for user in ('ann', 'bob@example.org'):
    check(run(ctl, '--config', config, 'user', 'add', user, '--password-stdin', input='x y\n').returncode == 0, 'user add')
settings = json.loads(run(ctl, '--config', config, '--json', 'config', 'show').stdout)['settings']
keys = [s['key'] for s in settings]
check(len(keys) > 40 and 'store.tape.path' in keys, 'config show lists the settings: %s' % keys)

# ---- the pages

page = read('man', 'imaparch-ctl.1')


def words_of(text):
    """mdoc as plain text, roughly: macro names and escapes away, options with their dashes."""
    text = re.sub(r'\bFl -?([\w-]+)', lambda m: ('--' if '-' in m.group(0).split()[1][0] else '-') + m.group(1), text)
    return re.sub(r'^\.', '', text, flags=re.M).replace('\\&', '')


sections = {}
for heading, text in re.findall(r'^\.Ss (.*)\n((?:(?!\.S[sh] ).*\n)*)', page, re.M):
    sections[words_of(heading)] = words_of(text)
common = words_of(page.split('.Sh DESCRIPTION')[1].split('.Sh CONFIGURATION')[0])
group = {s: words_of(t) for s, t in re.findall(r'^\.Sh ([A-Z ]+)\n((?:(?!\.Sh ).*\n)*)', page, re.M)}


def section_of(path):
    name = ' '.join(path)
    found = [h for h in sections if re.match(re.escape(name) + r'(?: [^a-z]|$)', h)]
    check(len(found) == 1, 'imaparch-ctl.1: %d sections for %s' % (len(found), name))
    return (found[0], sections[found[0]]) if found else ('', '')


for path, options in verbs.items():
    if path and path not in leaves:
        continue
    heading, text = section_of(path) if path else ('', common)
    for option in options:
        if path and option in verbs[()]:
            continue
        where = heading + '\n' + text if path[:1] != ('user',) else heading
        check(re.search(r'(?<![\w-])%s(?![\w-])' % re.escape(option), where),
              'imaparch-ctl.1: %s %s is missing' % (' '.join(path), option))
        described = 'It %s' % option in (text if path[:1] != ('user',) else group['USERS']) or not path and option in text
        check(described, 'imaparch-ctl.1: %s %s is not described' % (' '.join(path), option))
    if path:
        check('\nimaparch-ctl ' in text and re.search(r'^imaparch-ctl (--\S+ (\S+ )?)?%s' % ' '.join(path), text, re.M),
              'imaparch-ctl.1: %s has no example' % ' '.join(path))
        check('JSON' in text, 'imaparch-ctl.1: %s says nothing of JSON' % ' '.join(path))
    for option in re.findall(r'(?<![\w-])(--?[a-z][\w-]*)', heading):
        check(option in options, 'imaparch-ctl.1: %s has no %s' % (' '.join(path), option))
for heading in sections:
    words = tuple(re.match(r'[a-z ]*', heading).group(0).split())
    check(not words or words in leaves, 'imaparch-ctl.1: there is no verb %s' % heading)
for code in '01234':
    check(re.search(r'^\.It %s$' % code, page, re.M), 'imaparch-ctl.1: exit status %s' % code)
for option in daemon_options:
    check('It %s' % option in words_of(read('man', 'imaparchd.8')) or option == '--help', 'imaparchd.8: %s is missing' % option)

# JSON: the members of each answer, from the structs that become it.
header = read('libimaparc', 'control', 'verbs.h')
structs = {name: [m.strip() for m in members.split(',')] for name, members in
           re.findall(r'BOOST_DESCRIBE_STRUCT\((\w+), \(\),\s*\(([^)]*)\)\)', header)}
bodies = dict(re.findall(r'^struct (\w+) \{\n(.*?)^\};', header, re.M | re.S))


def members_of(struct):
    found = [m for m in structs[struct] if m]
    for other in structs:
        if other != struct and re.search(r'(?<!\w)%s(?!\w)' % other, re.sub('//.*', '', bodies.get(struct, ''))):
            found += members_of(other)
    return found


rows = re.findall(r'^IMAPARC_CONTROL_VERB\((\w+), "(\w+)"', header, re.M)
sources = {f: read('apps', 'imaparch-ctl', f) for f in os.listdir(os.path.join(source, 'apps', 'imaparch-ctl'))}
socket_text = group.get('THE CONTROL SOCKET', '')
check(len(rows) > 5, 'verbs.h is not understood')
unused = {'config_reload'}  # the daemon's own: it is SIGHUP by another way
not_shown = {'more'}  # imaparch-ctl asks until there is no more
for stem, name in rows:
    entry = re.search(r'^It Ic ([^\n]*\b%s\b[^\n]*)\n(.*)\n' % name, socket_text, re.M)
    check(entry, 'imaparch-ctl.1: the control verb %s is missing' % name)
    used = any(stem + 'Request' in text for text in sources.values())
    check(used != (name in unused), 'the control verb %s is %s by imaparch-ctl' % (name, 'used' if used else 'not used'))
    if not entry or not used:
        continue
    through = re.sub(r'^Cm ', '', entry.group(2)).split(' , ')
    for verb in through:
        check(tuple(verb.split()) in leaves, 'imaparch-ctl.1: %s goes through "%s", which is no verb' % (name, verb))
    own = tuple(name.split('_'))
    if own in leaves:
        check(' '.join(own) in through, 'imaparch-ctl.1: %s is not named with %s' % (name, ' '.join(own)))
        text = section_of(own)[1]
        for member in set(members_of(stem + 'Answer')) - not_shown:
            check('"%s":' % member in text, 'imaparch-ctl.1: %s: the member "%s" is missing' % (' '.join(own), member))
for name in re.findall(r'^It Ic (.*)$', socket_text, re.M):
    for one in name.split(' , '):
        check(one in [n for _, n in rows], 'imaparch-ctl.1: there is no control verb %s' % one)

# The program's own answers, asked for.
asked = {('config', 'show'): (), ('config', 'get'): ('imap.port',), ('config', 'check'): (), ('interfaces',): (),
         ('port', 'check'): ('1',), ('user', 'list'): (), ('user', 'remove'): ('carl',),
         ('config', 'set'): ('imap.max_months', '24'), ('config', 'unset'): ('imap.max_months',)}
run(ctl, '--config', config, 'user', 'add', 'carl', '--password-stdin', input='x\n')


def members(value):
    if isinstance(value, dict):
        return set(value) | {m for v in value.values() for m in members(v)}
    return {m for v in value for m in members(v)} if isinstance(value, list) else set()


for path, more in asked.items():
    done = run(ctl, '--config', config, '--json', *path, *more)
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        check(False, '%s --json answers %r %r' % (' '.join(path), done.stdout, done.stderr))
        continue
    text = section_of(path)[1]
    other = re.search(r'JSON: (?:as|the object that is one of)\nCm ([a-z ]+?)(?: Ns|  *\.|$)', text, re.M)
    while other:
        text = section_of(tuple(other.group(1).split()))[1]
        other = re.search(r'JSON: as\nCm ([a-z ]+?)  *\.', text)
    for member in members(answer):
        check('"%s":' % member in text, 'imaparch-ctl.1: %s: the member "%s" is missing' % (' '.join(path), member))

# ---- the settings' page

toml = read('man', 'imaparchd.toml.5')
items = {}
for head, text in re.findall(r'^\.It Ic (.*)\n((?:(?!\.It |\.El).*\n)*)', toml, re.M):
    key, _, default = head.partition(' No = ')
    default = default.replace('\\&', '').strip()
    if default.startswith('Bq Qq '):
        default = '["%s"]' % default[6:]
    elif default.startswith('Qq'):
        default = '"%s"' % default[2:].strip()
    elif default.startswith('Li '):
        default = default[3:]
    check(key not in items, 'imaparchd.toml.5: %s is there twice' % key)
    items[key] = (default, text)
elsewhere = {'store.tape.type': 'maildir', 'auth.backends': 'file'}  # of what is allowed this build does only this
for setting in settings:
    key = re.sub(r'^store\.tape\.', '', setting['key'])
    if key not in items:
        check(False, 'imaparchd.toml.5: %s is missing' % setting['key'])
        continue
    default, text = items.pop(key)
    if setting['key'] in ('store.tape.name', 'store.tape.path'):
        check(default == '', 'imaparchd.toml.5: %s has no default' % key)
    else:
        try:
            said = json.loads(default)
        except ValueError:
            said = None
        check(said == setting['default'], 'imaparchd.toml.5: %s is %s by default, not %s' % (key, json.dumps(setting['default']), default))
    check(text.rstrip().endswith('.Em ' + setting['applies']), 'imaparchd.toml.5: %s applies %s' % (key, setting['applies']))
    numbers = re.match(r'a number from (\d+) to (\d+)', setting['allowed'])
    if numbers:
        check('From %s to %s.\n' % numbers.groups() in text, 'imaparchd.toml.5: %s takes %s' % (key, setting['allowed']))
    words = re.match(r'(?:one|a list) of: (.*)', setting['allowed'])
    if words:
        for word in words.group(1).split(', ') if setting['key'] not in elsewhere else [elsewhere[setting['key']]]:
            check(re.search(r'Qq %s(?!\w)' % re.escape(word), text), 'imaparchd.toml.5: %s does not name %s' % (key, word))
for key in items:
    check(False, 'imaparchd.toml.5: there is no setting %s' % key)
example = re.search(r'^\.Bd [^\n]*\n(.*?)^\.Ed', toml.split('.Sh EXAMPLES')[1], re.M | re.S).group(1)
with open(os.path.join(work.name, 'example.toml'), 'w') as f:
    f.write(example.replace('enabled = true', 'enabled = false').replace('force   = true', 'force   = false'))  # no certificate here
done = run(ctl, '--config', f.name, 'config', 'check')
check(done.returncode == 0, 'imaparchd.toml.5: the example is refused: %s' % done.stderr)

if shutil.which('mandoc'):
    for name in sorted(os.listdir(os.path.join(source, 'man'))):
        done = run('mandoc', '-T', 'lint', os.path.join(source, 'man', name))
        for line in done.stdout.splitlines():
            check('referenced manual not found' in line, line)
else:
    print('SKIP: mandoc is not installed, the pages are not linted')

# ---- the completions, as texts

completions = {shell: read('completions', name) for shell, name in
               (('bash', 'imaparch-ctl.bash'), ('zsh', '_imaparch-ctl'), ('fish', 'imaparch-ctl.fish'))}
for shell, text in completions.items():
    for path, options in verbs.items():
        for word in path[-1:]:
            check(re.search(r'(?<![\w-])%s(?![\w-])' % word, text), '%s completion: the verb %s' % (shell, ' '.join(path)))
        for option in options:
            form = option if shell != 'fish' else '-l ' + option[2:] if option.startswith('--') else '-s ' + option[1:]
            check(option == '-h' or re.search(r'(?<![\w-])%s(?![\w-])' % re.escape(form), text),
                  '%s completion: %s %s' % (shell, ' '.join(path), option))
for shell, name in (('bash', 'imaparchd.bash'), ('zsh', '_imaparchd'), ('fish', 'imaparchd.fish')):
    text = read('completions', name)
    for option in daemon_options:
        form = option if shell != 'fish' else '-l ' + option[2:] if option.startswith('--') else '-s ' + option[1:]
        check(option == '-h' or re.search(r'(?<![\w-])%s(?![\w-])' % re.escape(form), text), '%s completion of imaparchd: %s' % (shell, option))

# ---- the completions, tried

script = r'''source "$1"; shift; function=$1; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
complete -p "${COMP_WORDS[0]##*/}" >/dev/null || exit 1
"$function"; printf '%s\n' "${COMPREPLY[@]}"'''


# A completion waits a second for the program. On a busy machine it may take longer; here it may.
patient = os.path.join(work.name, 'patient')
os.mkdir(patient)
with open(os.path.join(patient, 'timeout'), 'w') as f:
    f.write('#!/bin/sh\nshift\nexec "$@"\n')
os.chmod(f.name, 0o755)
environment = dict(os.environ, HOME=work.name, PATH=patient + os.pathsep + os.environ['PATH'])
for shell, text in completions.items():
    check('timeout 1 ' in text, '%s completion waits no longer than a second' % shell)


def in_bash(*words, program='imaparch-ctl', function='_imaparch_ctl'):
    done = run('bash', '--norc', '-c', script, 'bash', os.path.join(source, 'completions', program + '.bash'), function,
               os.path.join(build, 'bin', program), *words, env=environment)
    check(done.returncode == 0 and not done.stderr, 'bash completion of %s: %s' % (' '.join(words), done.stderr))
    return done.stdout.split()


def in_fish(*words, program='imaparch-ctl'):
    line = ' '.join((os.path.join(build, 'bin', program),) + words)
    done = run('fish', '--no-config', '-c', 'source $argv[1]; complete -C "$argv[2]"',
               os.path.join(source, 'completions', program + '.fish'), line, env=environment)
    check(done.returncode == 0 and not done.stderr, 'fish completion of %s: %s' % (line, done.stderr))
    return [one.split('\t')[0] for one in done.stdout.splitlines()]


def tried(shell, complete):
    for path, options in verbs.items():
        below = sorted(p[-1] for p in verbs if p[:-1] == path and p)
        offered = complete(*path, '')
        for verb in below:
            check(verb in offered, '%s completes "%s" to %s, without %s' % (shell, ' '.join(path), offered, verb))
            check(verb in complete(*path, verb[:2]), '%s does not complete "%s %s"' % (shell, ' '.join(path), verb[:2]))
        if below:
            wrong = [o for o in offered if not o.startswith('-') and o not in below]
            check(not wrong, '%s offers %s after "%s"' % (shell, wrong, ' '.join(path)))
        offered = complete(*path, '--')
        for option in options:
            check(option == '-h' or option in offered, '%s completes "%s --" to %s, without %s' % (shell, ' '.join(path), offered, option))
        for option in offered:
            check(option in options or option in verbs[()], '%s offers "%s %s"' % (shell, ' '.join(path), option))
    with_config = ('--config', config)
    for path in (('config', 'get'), ('config', 'set'), ('config', 'unset'), ('config', 'set', 'imap.port', '993')):
        offered = [o for o in complete(*with_config, *path, '') if not o.startswith('-')]
        check(sorted(offered) == sorted(keys), '%s offers the keys %s after %s' % (shell, offered, path))
    for words, expected in (
            (with_config + ('config', 'set', 'tls.force', ''), ['false', 'true']),
            (with_config + ('config', 'set', 'imap.flags', 'r'), ['readonly']),
            (with_config + ('config', 'set', 'imap.port', ''), []),
            (with_config + ('resync', '--user', ''), ['ann', 'bob@example.org']),
            (with_config + ('resync', '--store', ''), ['tape']),
            (('user', 'remove', '--config', config, 'a'), ['ann']),
            (('--config', '/nonexistent/x', 'config', 'get', 'imap.max'), ['imap.max_months']),  # the defaults' keys
            (('--config', '/nonexistent/x', 'resync', '--store', ''), [])):
        offered = sorted(complete(*words))
        check(offered == expected, '%s completes %s to %s' % (shell, words, offered))
    for words in (('port', 'check', '--interface', ''), ('config', 'set', 'imap.interface', '')):
        offered = complete(*words)
        check('all' in offered and 'lo' in offered and 'NAME' not in offered, '%s completes %s to %s' % (shell, words, offered))
    check([config] == complete('--config', config[:-2]), '%s completes a file' % shell)


tried('bash', in_bash)
check(in_bash('user', 'remove', '--config', config, 'bob', '@', 'ex') == ['example.org'], 'bash: a name with @ in it')
check(in_bash('--config', '=', config, 'user', 'remove', 'b') == ['bob@example.org'], 'bash: --config=FILE')
check(sorted(in_bash('--', program='imaparchd', function='_imaparchd')) == sorted(o for o in daemon_options if o != '-h'),
      'bash completes imaparchd')
if shutil.which('fish'):
    for name in ('imaparch-ctl.fish', 'imaparchd.fish'):
        done = run('fish', '-n', os.path.join(source, 'completions', name))
        check(done.returncode == 0, done.stderr)
    tried('fish', in_fish)
else:
    print('SKIP: fish is not installed, its completion is only read')
if shutil.which('zsh'):
    for name in ('_imaparch-ctl', '_imaparchd'):
        done = run('zsh', '-n', os.path.join(source, 'completions', name))
        check(done.returncode == 0, done.stderr)
else:
    print('SKIP: zsh is not installed, its completion is only read')

for line in bad:
    print(line)
print('%d verbs, %d settings, %d findings' % (len(leaves), len(keys), len(bad)))
sys.exit(1 if bad else 0)
