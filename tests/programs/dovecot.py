"""Debian's Dovecot over a Maildir, to compare with: private, on 127.0.0.1, in a directory of its own."""
import atexit
import getpass
import os
import shutil
import subprocess

from harness import check, free_port, until, Imap

VERSION = '2.3.19'  # the one whose differences are listed


def there():
    if not shutil.which('dovecot'):
        return False
    return subprocess.run(['dovecot', '--version'], capture_output=True, text=True).stdout.startswith(VERSION)


def start(directory, maildir):
    """The port; any user and password get in. It writes beside the mail, never into it."""
    me = getpass.getuser()
    os.makedirs(os.path.join(directory, 'run'))
    port = free_port()
    text = '''protocols = imap
listen = 127.0.0.1
ssl = no
base_dir = %(d)s/run
state_dir = %(d)s/run
log_path = %(d)s/dovecot.log
disable_plaintext_auth = no
auth_mechanisms = plain login
first_valid_uid = 0
first_valid_gid = 0
mail_location = maildir:%(m)s:INDEX=%(d)s/index:CONTROL=%(d)s/control
mail_plugins =
passdb {
  driver = static
  args = nopassword=y
}
userdb {
  driver = static
  args = uid=%(u)s gid=%(g)s home=%(d)s/home
}
namespace inbox {
  inbox = yes
  separator = /
}
service imap-login {
  chroot =
  inet_listener imap {
    port = %(p)d
  }
  inet_listener imaps {
    port = 0
  }
}
service anvil {
  chroot =
}
'''
    if os.getuid():
        uid, gid = os.getuid(), os.getgid()
        text += 'default_internal_user = %s\ndefault_login_user = %s\ndefault_internal_group = %s\n' % (
            me, me, __import__('grp').getgrgid(gid).gr_name)
    else:
        # Dovecot refuses to read mail as root.
        uid = gid = 65534
        for part in ('index', 'control', 'home'):
            os.makedirs(os.path.join(directory, part))
            os.chown(os.path.join(directory, part), uid, gid)
        above = maildir
        while above != os.path.dirname(above) and os.stat(above).st_uid == 0 and above != '/tmp':
            os.chmod(above, 0o755)
            above = os.path.dirname(above)
        os.chmod(directory, 0o755)
    configuration = os.path.join(directory, 'dovecot.conf')
    with open(configuration, 'w') as f:
        f.write(text % {'d': directory, 'm': maildir, 'u': uid, 'g': gid, 'p': port})
    process = subprocess.Popen(['dovecot', '-F', '-c', configuration], stdin=subprocess.DEVNULL)
    atexit.register(process.wait)
    atexit.register(process.terminate)

    def answers():
        check(process.poll() is None, 'dovecot ended: see %s/dovecot.log' % directory)
        try:
            Imap(port).close()
        except OSError:
            return False
        return True
    until('Dovecot answers', answers)
    return port
