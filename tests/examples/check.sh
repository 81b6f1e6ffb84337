#!/bin/sh
# check.sh FOLDER PROGRAM...: the example says how it is used, its careful code passes, and the error planted in its
# naive code is found.
set -u
folder=$1
shift
usage=$("$@" 2>&1)
[ $? = 2 ] || { echo "without arguments: not refused"; exit 1; }
case $usage in usage:*) ;; *) echo "without arguments: '$usage', expected the usage"; exit 1 ;; esac
"$@" "$folder" careful || { echo "the careful code does not pass"; exit 1; }
found=$("$@" "$folder" naive)
status=$?
echo "$found" | tail -n 3
[ $status = 1 ] || { echo "the naive code ends with $status, expected 1"; exit 1; }
echo "$found" | grep -Eq '^(velocity|log-density)/[^ ]*/linear/[0-9]+: ' || { echo "no case is named"; exit 1; }
