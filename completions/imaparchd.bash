# bash completion for imaparchd: /usr/share/bash-completion/completions/imaparchd
_imaparchd() {
    local cur=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    COMPREPLY=()
    if [[ $cur == '=' || $previous == '=' ]]; then
        [[ $cur == '=' ]] && cur=''
        previous=--config
    fi
    if [[ $previous == --config ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    else
        mapfile -t COMPREPLY < <(compgen -W '--config --check --help --version' -- "$cur")
    fi
}
complete -F _imaparchd imaparchd
