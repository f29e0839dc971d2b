#!/usr/bin/env python3
"""What README.md tells an administrator to type works as it is written there: the configuration, each command in its
order, and what the comments behind them promise. Only places are others: a temporary directory, free ports."""
import json
import os
import pty
import re
import select
import shlex
import signal
import subprocess
import termios
import time

from harness import BIN, SOURCE, WAIT, Daemon, Maildir, check, fail, free_port, plain, rng, temporary, until

text = open(os.path.join(SOURCE, 'README.md')).read()
example = re.search(r'^```toml\n(.*?)^```', text, re.M | re.S).group(1)
commands = re.findall(r'^ {4}((?:imaparch-ctl|imaparchd) .*)$', text, re.M)
commands += re.findall(r'`((?:imaparch-ctl|imaparchd) [^`]*)`', text)
check(len(commands) >= 12, 'README.md has commands: %s' % commands)

r = rng()
work = temporary()
maildir = Maildir(os.path.join(work, 'archive', 'ann'))
for k in range(5):
    maildir.add(('INBOX',), plain(r), age=k)
    maildir.add(('INBOX',), plain(r), age=400 + k)
    maildir.add(('INBOX',), plain(r), age=900 + k)
daemon = Daemon(work, os.path.join(work, 'archive'), users=())

# ---- the configuration: as it stands, and in our places
verbatim = os.path.join(work, 'verbatim.toml')
with open(verbatim, 'w') as f:
    f.write(example)
run = subprocess.run([os.path.join(BIN, 'imaparch-ctl'), '--config', verbatim, 'config', 'check'], capture_output=True, text=True)
check(run.returncode == 0, 'the example is refused: ' + run.stderr)
moved = example.replace('/srv/archive', os.path.join(work, 'archive')).replace('/etc/imaparchd', work)
check(moved.count(work) == 2 and '[imap]\n' in moved, 'the example has other places now: ' + example)
moved = moved.replace('[imap]\n', '[imap]\nport = %d\ninterface = "127.0.0.1"\n' % daemon.port)
with open(daemon.config, 'w') as f:
    f.write('data_dir = "%s"\n%s[control]\nsocket = "%s/control.sock"\n' % (daemon.data, moved, work))

# ---- the commands find the programs in PATH, and the configuration where a machine has it
shims = os.path.join(work, 'bin')
os.mkdir(shims)
with open(os.path.join(shims, 'imaparch-ctl'), 'w') as f:
    f.write('#!/bin/sh\nexec %s --config %s "$@"\n' % (shlex.quote(os.path.join(BIN, 'imaparch-ctl')), shlex.quote(daemon.config)))
os.chmod(f.name, 0o755)
environment = dict(os.environ, PATH=shims + os.pathsep + os.environ['PATH'])


def shell(command, ok=0):
    run = subprocess.run(['bash', '-c', command], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, env=environment)
    check(run.returncode == ok, '%s exits %d: %s%s' % (command, run.returncode, run.stdout, run.stderr))
    return run.stdout, run.stderr


def typed(command, answer):
    """In a terminal, with the same answer to each question."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve('/bin/bash', ['bash', '-c', command], environment)
    seen, answered, end = b'', 0, time.monotonic() + WAIT
    while True:
        if not select.select([terminal], [], [], max(0, end - time.monotonic()))[0]:
            os.kill(pid, signal.SIGKILL)
            fail('%s waits for something: %r' % (command, seen))
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # the other end is closed
            piece = b''
        if not piece:
            break
        seen += piece
        if seen.count(b': ') > answered and seen.endswith(b': '):
            answered = seen.count(b': ')
            # Its echo goes off behind the question, and what was typed before is thrown away.
            until('%s hides what is typed' % command, lambda: not termios.tcgetattr(terminal)[3] & termios.ECHO)
            os.write(terminal, answer.encode() + b'\n')
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    check(code == 0 and answered == 2, '%s exits %d after %d questions: %r' % (command, code, answered, seen))
    check(answer.encode() not in seen, '%s shows the password' % command)


def watched(command):
    """Until it has written twice."""
    process = subprocess.Popen(['bash', '-c', 'exec ' + command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=environment)
    seen, end = b'', time.monotonic() + WAIT
    while seen.count(b'listener ') < 2:
        ready = select.select([process.stdout], [], [], max(0, end - time.monotonic()))[0]
        piece = os.read(process.stdout.fileno(), 65536) if ready else b''
        if not piece:
            process.kill()
            fail('%s ends or says no more: %r' % (command, seen))
        seen += piece
    process.send_signal(signal.SIGINT)
    process.wait(60)
    process.stdout.close()


seen = set()
for command in commands:
    words = shlex.split(command, comments=True)
    seen.add(' '.join(words))
    if words[0] == 'imaparchd':
        check(words == ['imaparchd', '--config', '/etc/imaparchd/imaparchd.toml'], 'how the daemon is started: %s' % command)
        daemon.start().synchronised()
        continue
    if words[1:3] == ['user', 'add']:
        typed(command, daemon.password)
        check(daemon.ctl('user', 'list')[1].split() == words[3:], 'the user is there')
        continue
    if '--watch' in words:
        watched(' '.join(words))
        continue
    if words[1:4] == ['config', 'set', 'imap.port']:
        daemon.port = free_port()
        command = command.replace(words[4], str(daemon.port))
    before = daemon.ctl_json('status')['hidden_by_window'] if daemon.process else None
    out, err = shell(command)
    if words[1:3] == ['config', 'set']:
        check(('live' if words[3] == 'imap.max_months' else 'listener') in err, '%s says how it applied: %r' % (command, err))
        check('# what mail clients use' in open(daemon.config).read(), 'comments stay')
        daemon.connect().close()
    if words[1:4] == ['config', 'set', 'imap.max_months']:
        check(daemon.ctl('config', 'get', words[3])[1].strip() == words[4], 'it is set')
        check(daemon.ctl_json('status')['hidden_by_window'] < before, 'the window hides less than %r' % before)
    if words[1:] == ['status']:
        check(re.search(r'10 older\s+messages hidden', out), 'status says what the window hides: ' + out)
    try:
        json.loads(shell(' '.join(shlex.quote(w) for w in words[:1] + ['--json'] + shlex.split(command, comments=True)[1:]))[0])
    except ValueError as error:
        fail('%s --json: %s' % (command, error))

check(daemon.ctl_json('status')['hidden_by_window'] == 0, 'everything is shown in the end')
taken = daemon.ctl_json('status')['listener']['port']
shell('imaparch-ctl port check', ok=1)
check(taken == daemon.port, 'the port is the new one')

# ---- what is said of the exit codes, and of the index without the daemon
shell('imaparch-ctl config st', ok=2)
shell('imaparch-ctl resync --user nobody', ok=1)
daemon.stop()
shell('imaparch-ctl status', ok=3)
for command in commands:
    if command.startswith('imaparch-ctl index '):
        shell(command)

# ---- the two commands, and where things are
for command in re.findall(r'^ {4}((?:apps|tests)/\S+)', text, re.M):
    check(os.access(os.path.join(SOURCE, command), os.X_OK), command + ' can be run')
for place in re.findall(r'\]\(([^)]+)\)|`((?:apps|tests|man|completions)/[^` ]*)`', text):
    check(os.path.exists(os.path.join(SOURCE, place[0] or place[1])), 'README.md names %s' % (place[0] or place[1]))
print('%d commands, all seen' % len(seen))
