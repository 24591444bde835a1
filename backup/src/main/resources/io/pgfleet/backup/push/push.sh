#!/bin/sh
# PostgreSQL's archive_command: sh push.sh DESK NAME, run in the data folder.
# Leaves the name of the file in DESK for the program whose process stands in DESK/pid, and waits.
# Ends with 0 when that says that the file is in every repository. Ends with 1, upon which PostgreSQL
# keeps the file and tries again, if it is not there, could not tell, or took too long.
desk=$1 name=$2
ask=$desk/$$.$(date +%s)
limit=60

fail() {
  rm -f "$ask.asking" "$ask.wanted" "$ask.answer"
  echo "pgfleet: $name is not archived: $1" >&2
  exit 1
}

attended() {
  pid=
  read -r pid 2>/dev/null <"$desk/pid"
  [ -n "$pid" ] || return 1
  kill -0 "$pid" 2>/dev/null || [ -e "/proc/$pid" ]
}

rm -f "$ask.answer" || fail "the folder $desk can't be written to"
attended || fail "the agent is away"
echo "$name" >"$ask.asking" && mv "$ask.asking" "$ask.wanted" ||
  fail "the folder $desk can't be written to"
looks=0 seconds=0
while [ ! -e "$ask.answer" ]; do
  sleep 0.05
  looks=$((looks + 1))
  [ $((looks % 20)) -eq 0 ] || continue
  seconds=$((seconds + 1))
  attended || fail "the agent has gone"
  # A server that stops waits for this, and a store that is away must not hold it up.
  grep -q '^stopping' postmaster.pid 2>/dev/null && limit=3
  [ "$seconds" -lt "$limit" ] || fail "the repositories did not take it in time"
done
read -r answer <"$ask.answer"
[ "$answer" = "done $name" ] || fail "$answer"
rm -f "$ask.answer" "$ask.wanted"
exit 0
