#!/usr/bin/env bash
# The guard of one PostgreSQL server: stops it when the time has passed until which its agent was certain of the lease.
# It is a process of its own so that an agent that is frozen, or gone, does not have to be there first.
#
#   guard.sh DATA WORD      DATA  the server's data folder
#                           WORD  a file with the agent's last word, one line:
#                                 "until T ;"  the lease, if it is held, is certain until T, in hundredths of a second
#                                              of /proc/uptime
#                                 "off ;"      the server is right in whatever it does
#                                 "end ;"      the guard ends; so it does when the file is gone
#
# Nothing here starts a process while all is well: bash itself reads, waits and compares.
set -u
data=$1
word=$2

# One guard for a server: a second one finds the lock held and leaves.
exec 9>"$word.lock"
flock -n 9 || exit 0
exec 8<> <(:) # never has anything to read: a place to wait at

say() { printf '%(%Y-%m-%d %H:%M:%S)T %s\n' -1 "$*"; }

wait_for() { read -r -t "$1" -u 8 _ || true; } # seconds

is_ours() { # whether process $1 is the postmaster of this folder
  [ -n "$1" ] && [ "/proc/$1/cwd" -ef "$data" ]
}

postmaster() {
  local pid=""
  [ -r "$data/postmaster.pid" ] && read -r pid <"$data/postmaster.pid"
  pid=${pid#-}
  is_ours "$pid" && printf '%s' "$pid"
}

# An immediate shutdown; a postmaster that does not obey, frozen perhaps, is killed with its children.
stop() { # pid
  say "the lease is no longer certain: stopping the server, process $1"
  kill -QUIT "$1" 2>/dev/null
  local turn children
  for ((turn = 0; turn < 20; turn++)); do
    is_ours "$1" || return 0
    wait_for 0.05
  done
  say "process $1 does not stop: killing it"
  children=$(cat "/proc/$1/task/$1/children" 2>/dev/null || pgrep -P "$1" 2>/dev/null)
  # shellcheck disable=SC2086 # several numbers in one variable are meant
  kill -KILL "$1" $children 2>/dev/null
}

say "guarding $data"
while :; do
  kind="" deadline="" end=""
  read -r kind deadline end <"$word" 2>/dev/null || [ -e "$word" ] || exit 0
  nap=0.25
  case "$kind $deadline $end" in
    "until "[0-9]*" ;")
      read -r now _ </proc/uptime
      left=$((10#$deadline - 10#${now/./}))
      if [ "$left" -le 0 ]; then
        # A server in recovery accepts no writes; the file goes at its promotion.
        [ -e "$data/standby.signal" ] || { pid=$(postmaster) && stop "$pid"; }
      elif [ "$left" -lt 25 ]; then
        printf -v nap '0.%02d' "$left"
      fi
      ;;
    "end ; ") exit 0 ;;
    "off ; ") nap=0.5 ;;
    # anything else was half written: the next look shows it whole
    *) nap=0.02 ;;
  esac
  wait_for "$nap"
done
