"""The small script that carries a command's streams through files, since the agent has no live streams.

The agent gives captured output only at a command's end, and reading a pipe through it loses bytes.
Growing files are read without loss; in pieces they stay small however much comes.
"""

SCRIPT = """\
# $1: a folder that does not exist yet, $2: 1 when there is input; then the command.
# Output goes to out.N and err.N; the reader empties a piece when it has it, and no more than four are
# ahead of it. Input comes as in.N; a line N in the pipe `turn` says that it is whole, `end` that no
# more comes. The exit code goes to `code`. The files are root's alone; what the command makes is not:
# it has the umask of a login, whatever the agent's own is. What it leaves running in the background may write
# on: once the folder is gone, nobody keeps that.
umask 077
folder=$1 input=$2
shift 2
mkdir "$folder" || exit 125
echo $$ >"$folder/group"
carry() {
    piece=0
    while dd "of=$folder/$1.$piece" bs=65536 count=64 2>/dev/null && [ -s "$folder/$1.$piece" ]; do
        piece=$((piece + 1))
        while [ -s "$folder/$1.$((piece - 4))" ]; do sleep 0.05; done
        rm -f "$folder/$1.$((piece - 4))"
    done
    [ -d "$folder" ] || cat >/dev/null
}
feed() {
    [ "$input" = 1 ] || return 0
    while read -r turn && [ "$turn" != end ]; do
        cat "$folder/in.$turn" || break
        rm -f "$folder/in.$turn"
    done <>"$folder/turn"
}
finish() {
    echo "$1" >"$folder/code.part"
    mv "$folder/code.part" "$folder/code"
    [ "$input" = 0 ] || echo end 1<>"$folder/turn"
}
[ "$input" = 0 ] || mkfifo "$folder/turn" || exit 125
export HOME="${HOME:-/root}"
cd / || exit 125
feed | { { { umask 022; "$@" 2>&1 1>&4 4>&-; finish $? >&2; } | carry err; } 4>&1 | carry out; }
"""

REMOVE = 'rm -rf -- "$1" 2>/dev/null || { sleep 1; rm -rf -- "$1"; }'
"""$1: the folder, into which something that is just being killed may write at this moment."""

END_ALL = """for folder in "$1"-*; do
    [ -s "$folder/group" ] && kill -KILL "-$(cat "$folder/group")" 2>/dev/null
    rm -rf -- "$folder"
done"""
"""$1: how the folders' names begin. Whoever gave the input and took the output is gone."""
