# Completion for bash: `waternet complete` knows the words, and the names of a running daemon.
_waternet() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        COMPREPLY+=("$line")
        [[ $line == */ ]] && compopt -o nospace 2>/dev/null
    done < <("${COMP_WORDS[0]}" complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    return 0
}
complete -o default -F _waternet waternet
