#!/bin/sh
# PostgreSQL's restore_command while a backup is restored: sh fetch.sh PID SPOOL NAME TARGET
# PID is the program that fetches from the repository into SPOOL, mostly before it is asked.
# Ends with 0 if the file is at TARGET, with 1 if the repository has none of that name, and with 200,
# upon which recovery stops, if the program is gone or could not tell.
pid=$1 spool=$2 name=$3 target=$4
mv "$spool/$name" "$target" 2>/dev/null && exit 0
rm -f "$spool/$name.absent" || exit 200
echo "$name" >"$spool/asking" && mv "$spool/asking" "$spool/wanted" || exit 200
while [ -e "$spool/wanted" ]; do
  kill -0 "$pid" 2>/dev/null || [ -e "/proc/$pid" ] || exit 200
  sleep 0.01
done
mv "$spool/$name" "$target" 2>/dev/null && exit 0
[ -e "$spool/$name.absent" ] && exit 1
exit 200
