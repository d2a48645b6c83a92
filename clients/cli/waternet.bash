# Completion for bash: `waternet complete` knows the words, and the names of a running daemon.

# The words up to the cursor, as they were typed: the shell makes several of what has a : or @ in it.
_waternet_words() {
    local rest=$COMP_LINE word joins=0 i
    words=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $rest == [[:space:]]* || $i -eq 0 ]]; then
            rest=${rest#"${rest%%[![:space:]]*}"}
            words+=("$word")
        elif [[ $joins -eq 1 || $word == [:@]* ]]; then
            words[-1]+=$word
        else
            words+=("$word")
        fi
        [[ $word == *[:@] ]] && joins=1 || joins=0
        rest=${rest#"$word"}
    done
}

_waternet() {
    local line words kept=
    _waternet_words
    # The shell keeps what stands before the last of these; a @ belongs to the word behind it.
    [[ $COMP_WORDBREAKS == *[:@]* ]] && kept=${words[-1]%"${words[-1]##*[:@]}"}
    kept=${kept%@}
    COMPREPLY=()
    while IFS= read -r line; do
        [[ $line == *[/:] ]] && compopt -o nospace 2>/dev/null
        COMPREPLY+=("${line#"$kept"}")
    done < <("${words[0]}" complete "${words[@]:1}" 2>/dev/null)
    return 0
}
complete -o default -F _waternet waternet
