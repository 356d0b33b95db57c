#!/bin/sh
# lab fuzz on filesystems that this machine does not have: an image of each in a file, mounted over a loop device.
#   tests/filesystems.sh LAB [SCRIPTS]      as root; with xfsprogs and btrfs-progs
# What cannot be done is skipped, with the reason; the exit code is 1 where model and kernel differ.
set -u
lab=${1:?usage: tests/filesystems.sh LAB [SCRIPTS]}
scripts=${2:-100000}
failed=0
skip() { echo "skipped $1: $2"; }

[ "$(id -u)" = 0 ] || { skip "all" "mounting needs root"; exit 0; }
work=$(mktemp -d) || exit 3
trap 'umount "$work/mnt" 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
mkdir "$work/mnt"

for fs in xfs btrfs; do
    image=$work/$fs
    command -v "mkfs.$fs" >/dev/null || { skip $fs "there is no mkfs.$fs"; continue; }
    truncate -s 1G "$image"
    "mkfs.$fs" -q "$image" >"$work/log" 2>&1 || { skip $fs "mkfs.$fs: $(tail -n 1 "$work/log")"; continue; }
    mount -o loop "$image" "$work/mnt" 2>"$work/log" || { skip $fs "$(tail -n 1 "$work/log")"; continue; }
    "$lab" fuzz --count "$scripts" --dir "$work/mnt" || failed=1
    umount "$work/mnt" || exit 3
    rm "$image"
done
exit $failed
