#!/usr/bin/env bash
# The guard of one PostgreSQL server: stops it when the time has passed until which its agent was certain of the lease.
# It is a process of its own so that an agent that is frozen, or gone, does not have to be there first.
#
#   guard.sh DATA WORD      DATA  the server's data folder
#                           WORD  a file with the agent's last word, one line:
#                                 "until T ;"  the lease, if it is held, is certain until T, in hundredths of a second
#                                              of /proc/uptime
#                                 "until T S N L ;"  the same, and the kernel's watchdog is to have a timeout of S
#                                              seconds; N is the number of the agent's last question about it, and L is
#                                              1 if the server is about to accept writes
#                                 "off ;"      the server is right in whatever it does
#                                 "end ;"      the guard ends; so it does when the file is gone
#
# Beside WORD: "watchdog" has the device, and the program that sets its timeout, on a line each; "watchdog.answer" gets
# the answer to question N: "ready N", "armed N", or "failed N WHY".
#
# The watchdog (the kernel's Documentation/watchdog/watchdog-api.rst) is armed by opening its device, restarts the host
# unless it is written to within its timeout, and is disarmed by closing it after a "V". It is armed while the server
# accepts writes or is about to, and written to only while the lease is certain for longer than the timeout. So it never
# goes off later than the lease ends, whatever becomes of this guard. For the same reason a server with an armed
# watchdog is stopped some time before the lease ends: then there is time to disarm it.
#
# Nothing here starts a process while all is well: bash itself reads, waits and compares.
set -u
data=$1
word=$2
folder=${word%/*}

# One guard for a server: a second one finds the lock held and leaves.
exec 9>"$word.lock"
flock -n 9 || exit 0
exec 8<> <(:) # never has anything to read: a place to wait at

armed="" # the device, while it is open as 7
kicked=0 # when it was last written to
asked="" answered="" told=""
device="" seconds=0 # what was tried last, and the timeout that it has; 0 if it can't be used

say() { printf '%(%Y-%m-%d %H:%M:%S)T %s\n' -1 "$*"; }

wait_for() { read -r -t "$1" -u 8 _ || true; } # seconds

is_ours() { # whether process $1 is the postmaster of this folder
  [ -n "$1" ] && [ "/proc/$1/cwd" -ef "$data" ]
}

postmaster() { # sets pid
  pid=""
  [ -r "$data/postmaster.pid" ] && read -r pid <"$data/postmaster.pid"
  pid=${pid#-}
  is_ours "$pid"
}

# A server in recovery accepts no writes; the file goes at its promotion.
accepts_writes() { # sets pid
  [ ! -e "$data/standby.signal" ] && postmaster
}

# An immediate shutdown; a postmaster that does not obey, frozen perhaps, is killed with its children.
stop() { # pid, twentieths of a second to wait
  say "the lease is no longer certain: stopping the server, process $1"
  kill -QUIT "$1" 2>/dev/null
  local turn children
  for ((turn = 0; turn < $2; turn++)); do
    is_ours "$1" || return 0
    wait_for 0.05
  done
  say "process $1 does not stop: killing it"
  children=$(cat "/proc/$1/task/$1/children" 2>/dev/null || pgrep -P "$1" 2>/dev/null)
  # shellcheck disable=SC2086 # several numbers in one variable are meant
  kill -KILL "$1" $children 2>/dev/null
}

answer() { # word, why
  [ "$answered" = "$1 $asked $2" ] && return
  answered="$1 $asked $2"
  printf '%s\n' "$answered" >"$folder/watchdog.answer"
  [ "$told" = "$1 $2" ] || say "watchdog: $1 $2"
  told="$1 $2"
}

# Whether the device can be used with a timeout of $1 seconds or less, which is set; why says why not. This arms and
# disarms it, so one that can't be disarmed is refused first.
try() {
  local setter said stays=0 name
  device="" setter="" seconds=0
  { read -r device && read -r setter; } <"$folder/watchdog"
  name=${device##*/}
  [ "$name" = watchdog ] && name=watchdog0 # its older name
  [ -r "/sys/class/watchdog/$name/nowayout" ] && read -r stays <"/sys/class/watchdog/$name/nowayout"
  if [ ! -e "$device" ]; then
    why="there is no such device; load its driver, or softdog where there is no hardware ('modprobe softdog')"
  elif [ ! -w "$device" ]; then
    why="user $(id -un), whom the server runs as, may not write to it; give it to that user (a rule of udev)"
  elif [ "$stays" = 1 ]; then
    why="its driver was loaded with nowayout=1, so an orderly stop would restart the host; load it with nowayout=0"
  else
    said=$(LC_ALL=C "$setter" --settimeout "$1" "$device" 2>&1)
    if [[ $said == *"cannot set timeout"* ]]; then
      # Some drivers have one that can't be changed.
      [ -r "/sys/class/watchdog/$name/timeout" ] && read -r seconds <"/sys/class/watchdog/$name/timeout"
    elif [[ $said =~ set\ to\ ([0-9]+) ]]; then
      seconds=${BASH_REMATCH[1]} # what the driver has made of it
    else
      why="$setter says: ${said//$'\n'/ }"
      return 1
    fi
    [ "$seconds" -ge 1 ] && [ "$seconds" -le "$1" ] && return 0
    why="its timeout can't be set to $1 s, a quarter of the lease (it is ${seconds/#0/unknown}); make the lease longer"
    seconds=0
  fi
  return 1
}

arm() {
  armed=$device # before it is open: whoever is told to end in between must not leave it so
  if { exec 7>"$device"; } 2>/dev/null; then
    say "the watchdog $armed is armed"
  else
    answer failed "it can't be opened; see who else uses it"
    armed="" seconds=0
  fi
}

disarm() {
  [ -n "$armed" ] || return 0
  printf V >&7 || say "the watchdog $armed can't be disarmed"
  exec 7>&-
  say "the watchdog $armed is disarmed"
  armed=""
}

kick() {
  if printf . 2>/dev/null >&7; then
    kicked=10#${now/./}
    answer armed ""
  else
    answer failed "it can't be written to"
  fi
}

# One look at the watchdog while the lease is certain. It is opened only when a whole timeout is left, since that is when
# it begins to run.
watch_over() { # deadline, wanted timeout, question, whether to arm it now
  local now
  if [ "$2" = 0 ]; then
    disarm
    return
  fi
  if [ "$3" != "$asked" ]; then
    asked=$3
    if [ -z "$armed" ] || [ "$seconds" -gt "$2" ]; then
      disarm
      if try "$2"; then answer ready ""; else answer failed "$why"; fi
    fi
  fi
  if [ "$seconds" = 0 ] || ! { [ "$4" = 1 ] || accepts_writes; }; then
    disarm
    return
  fi
  read -r now _ </proc/uptime # again, for what was done since may have taken long
  if [ $((10#$1 - 10#${now/./})) -ge $((seconds * 100)) ]; then
    [ -n "$armed" ] || arm
    [ -z "$armed" ] || kick
  fi
}

# Without the V the host would be restarted. Whoever wants this guard to end stops the agent.
on_term() {
  [ -z "$armed" ] && exit 0
  say "told to end, but the watchdog is armed: stop the agent instead"
}
trap on_term TERM INT HUP

form='^until ([0-9]+)( ([0-9]+) ([0-9]+) ([01]))? ;$'
say "guarding $data"
while :; do
  line=""
  read -r line <"$word" 2>/dev/null || [ -e "$word" ] || {
    disarm
    exit 0
  }
  nap=0.25
  if [[ $line =~ $form ]]; then
    deadline=${BASH_REMATCH[1]} wanted=${BASH_REMATCH[3]:-0}
    question=${BASH_REMATCH[4]} leads=${BASH_REMATCH[5]}
    read -r now _ </proc/uptime
    left=$((10#$deadline - 10#${now/./}))
    ahead=0 turns=20
    if [ -n "$armed" ]; then
      ahead=$((seconds > 1 ? 100 : 50))
      turns=$((ahead / 12))
    fi
    # A lease that is renewed late, time and again, may never be certain for long enough to write to the watchdog again.
    # It goes off then, although the lease does not end; so the server is stopped first here, too.
    unwritten=0
    if [ -n "$armed" ] && [ "$left" -lt $((seconds * 100)) ]; then unwritten=$((10#${now/./} - kicked)); fi
    if [ "$left" -le "$ahead" ] || { [ -n "$armed" ] && [ "$unwritten" -ge $((seconds * 100 - ahead)) ]; }; then
      accepts_writes && stop "$pid" "$turns"
      # One that still runs is left to the watchdog.
      accepts_writes || disarm
      [ -n "$armed" ] && nap=0.02
    else
      watch_over "$deadline" "$wanted" "$question" "$leads"
      [ "$wanted" = 0 ] || nap=0.1 # several times in the shortest timeout
      if [ "$wanted" = 0 ] && [ "$left" -lt 25 ]; then printf -v nap '0.%02d' "$left"; fi
    fi
  else
    case "$line" in
      "end ;")
        disarm
        exit 0
        ;;
      "off ;")
        disarm
        nap=0.5
        ;;
      # anything else was half written: the next look shows it whole
      *) nap=0.02 ;;
    esac
  fi
  wait_for "$nap"
done
