# The parent of one private server: starts it, and reaps it, so that a killed server leaves no process behind.
# Arguments: the server's directory, "counted" or "kept", then the server's command line.
# Counted: standard input is a pipe that every user of the server holds open. A user writes its name, and a file of that
# name says that it was heard; at the end of input, which comes when the last user is gone in whatever way, the server
# is stopped.
home=$1
lifetime=$2
shift 2
trap '' HUP INT
exec 3<&0 </dev/null
"$@" 3<&- >>"$home/log" 2>&1 &
server=$!
if [ "$lifetime" = counted ]; then
    (
        # An empty line only asks whether somebody still reads.
        while read -r user <&3; do [ -z "$user" ] || true >"$home/users/$user"; done
        kill -INT "$server"
    ) &
    reader=$!
    exec 3<&-
    wait "$server"
    kill "$reader" 2>/dev/null
else
    exec 3<&-
    wait "$server"
fi
