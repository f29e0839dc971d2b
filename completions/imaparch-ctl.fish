# fish completion for imaparch-ctl: /usr/share/fish/vendor_completions.d/imaparch-ctl.fish
# Asks the program itself for keys, users, stores and interfaces; whatever it has to complain about stays unseen.

# The words typed so far that are neither options nor their values: the program, the verb, ...
function __imaparch_ctl_words
    set -l skip
    for word in (commandline -opc)
        if set -q skip[1]
            set -e skip[1]
            continue
        end
        switch $word
            case --config --socket --interface --user --store --as --folder --after --limit --file
                set skip yes
            case '-*'
            case '*'
                echo $word
        end
    end
end

# Whether the verbs typed so far are these; with --more and further words, too.
function __imaparch_ctl_at
    argparse more -- $argv
    set -l words (__imaparch_ctl_words)[2..]
    set -l count (count $argv)
    if set -q _flag_more
        test (count $words) -ge $count; or return 1
        test $count -eq 0; and return 0
        set words $words[1..$count]
    end
    test "$words" = "$argv"
end

# What the program prints for these words, with the --config that is being typed. A second at most.
function __imaparch_ctl_ask
    set -l globals
    set -l before
    for word in (commandline -opc)
        switch $before
            case --config --socket
                set -a globals $before (string replace -r '^~/' $HOME/ -- $word)
        end
        switch $word
            case '--config=*' '--socket=*'
                set -a globals $word
        end
        set before $word
    end
    set -l program (string replace -r '^~/' $HOME/ -- (commandline -opc)[1])
    timeout 1 $program $globals $argv </dev/null 2>/dev/null
end

# Keys of the configuration; of its defaults where there is no readable one.
function __imaparch_ctl_keys
    set -l lines (__imaparch_ctl_ask config show --brief)
    set -q lines[1]; or set lines (timeout 1 (commandline -opc)[1] --config /dev/null config show --brief 2>/dev/null)
    string replace -r ' = .*' '' -- $lines
end

function __imaparch_ctl_users
    __imaparch_ctl_ask user list
end

function __imaparch_ctl_stores
    __imaparch_ctl_ask config show --brief | string replace -rf '^store\.(.*)\.name = .*' '$1'
end

function __imaparch_ctl_interfaces
    echo all
    __imaparch_ctl_ask interfaces | string match -r '^[^ ]+' | string match -v NAME
end

# KEY VALUE KEY VALUE ...: a key, or what the setting takes, where that is a few words.
function __imaparch_ctl_pairs
    set -l words (__imaparch_ctl_words)
    if test (math (count $words) % 2) -eq 1
        __imaparch_ctl_keys
        return
    end
    if test $words[-1] = imap.interface
        __imaparch_ctl_interfaces
        return
    end
    set -l allowed (__imaparch_ctl_ask --json config get $words[-1] | string replace -rf '^ *"allowed": "(.*)",?$' '$1')
    switch "$allowed"
        case 'true or false'
            printf '%s\n' true false
        case 'one of: *' 'a list of: *'
            string split ', ' -- (string replace -r '^[^:]*: ' '' -- $allowed)
    end
end

complete -c imaparch-ctl -f
complete -c imaparch-ctl -l config -r -F -d 'configuration file'
complete -c imaparch-ctl -l socket -r -F -d 'control socket'
complete -c imaparch-ctl -l json -d 'JSON on standard output'
complete -c imaparch-ctl -s h -l help -d help
complete -c imaparch-ctl -n __imaparch_ctl_at -l version -d 'print the version'

complete -c imaparch-ctl -n __imaparch_ctl_at -a config -d 'show, change and check the configuration'
complete -c imaparch-ctl -n __imaparch_ctl_at -a port -d 'whether the daemon could listen on a port'
complete -c imaparch-ctl -n __imaparch_ctl_at -a interfaces -d 'the network interfaces of this machine'
complete -c imaparch-ctl -n __imaparch_ctl_at -a resync -d 'compare the stores with the index again, now'
complete -c imaparch-ctl -n __imaparch_ctl_at -a status -d 'what the daemon is doing'
complete -c imaparch-ctl -n __imaparch_ctl_at -a index -d 'what is in the index'
complete -c imaparch-ctl -n __imaparch_ctl_at -a user -d 'users of the password file'

complete -c imaparch-ctl -n '__imaparch_ctl_at config' -a show -d 'every setting with its value'
complete -c imaparch-ctl -n '__imaparch_ctl_at config' -a get -d 'the value of one setting'
complete -c imaparch-ctl -n '__imaparch_ctl_at config' -a set -d 'change settings and apply them'
complete -c imaparch-ctl -n '__imaparch_ctl_at config' -a unset -d 'back to the default of a setting'
complete -c imaparch-ctl -n '__imaparch_ctl_at config' -a check -d 'whether the file is right'
complete -c imaparch-ctl -n '__imaparch_ctl_at --more config show' -l brief -d 'keys and values alone'
complete -c imaparch-ctl -n '__imaparch_ctl_at config get' -a '(__imaparch_ctl_keys)'
complete -c imaparch-ctl -n '__imaparch_ctl_at config unset' -a '(__imaparch_ctl_keys)'
complete -c imaparch-ctl -n '__imaparch_ctl_at --more config set' -a '(__imaparch_ctl_pairs)'

complete -c imaparch-ctl -n '__imaparch_ctl_at port' -a check -d 'whether the port is free, and who has it'
complete -c imaparch-ctl -n '__imaparch_ctl_at --more port check' -l interface -x -a '(__imaparch_ctl_interfaces)' -d 'all, a name or an address'

complete -c imaparch-ctl -n '__imaparch_ctl_at --more resync' -l user -x -a '(__imaparch_ctl_users)' -d 'only this user'
complete -c imaparch-ctl -n '__imaparch_ctl_at --more resync' -l store -x -a '(__imaparch_ctl_stores)' -d 'only this store'
complete -c imaparch-ctl -n '__imaparch_ctl_at --more resync' -l wait -d 'until it is done'
complete -c imaparch-ctl -n '__imaparch_ctl_at --more resync' -l accept-removals -d 'believe a store that lost many messages'

complete -c imaparch-ctl -n '__imaparch_ctl_at --more status' -l watch -d 'again every second'

complete -c imaparch-ctl -n '__imaparch_ctl_at index' -a users -d 'whose mail there is'
complete -c imaparch-ctl -n '__imaparch_ctl_at index' -a folders -d 'the folders of a user'
complete -c imaparch-ctl -n '__imaparch_ctl_at index' -a messages -d 'the messages of a folder'
complete -c imaparch-ctl -n '__imaparch_ctl_at index' -a stats -d 'counts and sizes'
complete -c imaparch-ctl -n '__imaparch_ctl_at index' -a check -d 'hold the index against the ledgers'
for verb in folders messages
    complete -c imaparch-ctl -n "__imaparch_ctl_at --more index $verb" -l user -x -a '(__imaparch_ctl_users)' -d 'whose'
    complete -c imaparch-ctl -n "__imaparch_ctl_at --more index $verb" -l as -x -a '(__imaparch_ctl_users)' -d 'through whose eyes'
end
complete -c imaparch-ctl -n '__imaparch_ctl_at --more index messages' -l folder -x -a INBOX -d 'which folder'
complete -c imaparch-ctl -n '__imaparch_ctl_at --more index messages' -l after -x -d 'only UIDs above this one'
complete -c imaparch-ctl -n '__imaparch_ctl_at --more index messages' -l limit -x -d 'at most so many'

complete -c imaparch-ctl -n '__imaparch_ctl_at user' -a add -d 'add a user'
complete -c imaparch-ctl -n '__imaparch_ctl_at user' -a passwd -d 'change a password'
complete -c imaparch-ctl -n '__imaparch_ctl_at user' -a remove -d 'remove a user'
complete -c imaparch-ctl -n '__imaparch_ctl_at user' -a list -d 'the users'
for verb in add passwd remove list
    complete -c imaparch-ctl -n "__imaparch_ctl_at --more user $verb" -l file -r -F -d 'another password file'
end
for verb in add passwd
    complete -c imaparch-ctl -n "__imaparch_ctl_at --more user $verb" -l password-stdin -d 'the password is the first line of standard input'
end
for verb in passwd remove
    complete -c imaparch-ctl -n "__imaparch_ctl_at user $verb" -a '(__imaparch_ctl_users)'
end
set -e verb
