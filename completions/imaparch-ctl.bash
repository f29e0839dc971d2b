# bash completion for imaparch-ctl: /usr/share/bash-completion/completions/imaparch-ctl
# Asks the program itself for keys, users, stores and interfaces; whatever it has to complain about stays unseen.

# What the program prints for these words, with the --config that is being typed. A second at most.
_imaparch_ctl_ask() {
    timeout 1 "$program" "${globals[@]}" "$@" </dev/null 2>/dev/null
}

# Keys of the configuration; of its defaults where there is no readable one.
_imaparch_ctl_keys() {
    { _imaparch_ctl_ask config show --brief || timeout 1 "$program" --config /dev/null config show --brief 2>/dev/null; } |
        sed -n 's/^\([^ ]*\) = .*/\1/p'
}

_imaparch_ctl_stores() {
    _imaparch_ctl_ask config show --brief | sed -n 's/^store\.\([^ ]*\)\.name = .*/\1/p'
}

_imaparch_ctl_interfaces() {
    echo all
    _imaparch_ctl_ask interfaces | sed -n '2,$s/^\([^ ][^ ]*\).*/\1/p'
}

# What a setting takes, where that is a few words.
_imaparch_ctl_values() {
    case $1 in
        imap.interface) _imaparch_ctl_interfaces ;;
        *) _imaparch_ctl_ask --json config get "$1" | sed -n 's/^ *"allowed": "\(.*\)",*$/\1/p' |
            sed -n 's/^true or false$/true false/p; s/^\(one of\|a list of\): //; T; s/, / /gp' ;;
    esac
}

_imaparch_ctl() {
    COMPREPLY=()
    # bash breaks words at '@', ':' and '=', too: put together what stood together.
    local -a words=()
    local word i glued=''
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $i -gt 0 && ($word == [@:=] || -n $glued) && ${#words[@]} -gt 1 ]]; then
            words[${#words[@]} - 1]+=$word
        else
            words+=("$word")
        fi
        [[ $word == [@:=] ]] && glued=1 || glued=''
    done
    local last=$((${#words[@]} - 1))
    local cur=${words[last]} previous=${words[last - 1]}
    if [[ $cur == --*=* ]]; then
        previous=${cur%%=*}
        cur=${cur#*=}
    fi

    # Verbs, the option values passed over, and the options that the program is asked with.
    local program=${words[0]/#\~\//$HOME/}
    local -a globals=() path=()
    for ((i = 1; i < last; i++)); do
        word=${words[i]//[\"\'\\]/}
        case $word in
            --config | --socket)
                if ((i + 1 < last)); then
                    word=${words[i + 1]//[\"\'\\]/}
                    globals+=("${words[i]}" "${word/#\~\//$HOME/}")
                fi
                ((i++))
                ;;
            --config=* | --socket=*) globals+=("$word") ;;
            --interface | --user | --store | --as | --folder | --after | --limit | --file) ((i++)) ;;
            -*) ;;
            *) path+=("$word") ;;
        esac
    done

    local common='--config --socket --json --help' reply=''
    case $previous in
        --config | --socket | --file)
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -f -- "$cur")
            return
            ;;
        --user | --as) reply=$(_imaparch_ctl_ask user list) ;;
        --store) reply=$(_imaparch_ctl_stores) ;;
        --interface) reply=$(_imaparch_ctl_interfaces) ;;
        --folder) reply='INBOX' ;;
        --after | --limit) return ;;
        *)
            case "${path[0]} ${path[1]}" in
                ' ') reply="config port interfaces resync status index user $common --version" ;;
                'config ') reply="show get set unset check $common" ;;
                'config show') reply="--brief $common" ;;
                'config get' | 'config unset')
                    reply=$common
                    ((${#path[@]} == 2)) && reply+=" $(_imaparch_ctl_keys)"
                    ;;
                'config set')
                    reply=$common
                    if ((${#path[@]} % 2 == 0)); then
                        reply+=" $(_imaparch_ctl_keys)"
                    else
                        reply=$(_imaparch_ctl_values "$previous")
                    fi
                    ;;
                'config check') reply=$common ;;
                'port ') reply="check $common" ;;
                'port check') reply="--interface $common" ;;
                'interfaces ') reply=$common ;;
                'resync ') reply="--user --store --wait --accept-removals $common" ;;
                'status ') reply="--watch $common" ;;
                'index ') reply="users folders messages stats check $common" ;;
                'index folders') reply="--user --as $common" ;;
                'index messages') reply="--user --folder --as --after --limit $common" ;;
                'index users' | 'index stats' | 'index check') reply=$common ;;
                'user ') reply="add passwd remove list $common" ;;
                'user add') reply="--file --password-stdin $common" ;;
                'user passwd')
                    reply="--file --password-stdin $common"
                    ((${#path[@]} == 2)) && reply+=" $(_imaparch_ctl_ask user list)"
                    ;;
                'user remove')
                    reply="--file $common"
                    ((${#path[@]} == 2)) && reply+=" $(_imaparch_ctl_ask user list)"
                    ;;
                'user list') reply="--file $common" ;;
            esac
            ;;
    esac
    # No compgen -W: it would expand what a user or a store is called.
    local one cut=''
    local -a all=()
    [[ $cur == *[@:]* ]] && cut=${cur%"${cur##*[@:]}"} # bash replaces only what follows its own break
    IFS=$' \n' read -rd '' -a all <<<"$reply"
    for one in "${all[@]}"; do
        [[ $one == "$cur"* ]] && COMPREPLY+=("$(printf '%q' "${one#"$cut"}")")
    done
}
complete -F _imaparch_ctl imaparch-ctl
