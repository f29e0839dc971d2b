# fish completion for imaparchd: /usr/share/fish/vendor_completions.d/imaparchd.fish
complete -c imaparchd -f
complete -c imaparchd -l config -r -F -d 'the configuration'
complete -c imaparchd -l check -d 'validate the configuration and end'
complete -c imaparchd -s h -l help -d help
complete -c imaparchd -l version -d 'print the version'
