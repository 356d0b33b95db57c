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

# Blocks smaller than a page have rules of their own.
for fs in xfs btrfs xfs-1k ext4-1k; do
    image=$work/$fs
    kind=${fs%-1k}
    case $fs in
    xfs-1k) blocks="-b size=1024" ;;
    ext4-1k) blocks="-b 1024" ;;
    *) blocks= ;;
    esac
    command -v "mkfs.$kind" >/dev/null || { skip $fs "there is no mkfs.$kind"; continue; }
    truncate -s 1G "$image"
    # shellcheck disable=SC2086 # the blocks are two words
    "mkfs.$kind" -q $blocks "$image" >"$work/log" 2>&1 || { skip $fs "mkfs.$kind: $(tail -n 1 "$work/log")"; continue; }
    mount -o loop "$image" "$work/mnt" 2>"$work/log" || { skip $fs "$(tail -n 1 "$work/log")"; continue; }
    "$lab" fuzz --count "$scripts" --dir "$work/mnt" || failed=1
    umount "$work/mnt" || exit 3
    rm "$image"
done

# Where nothing may be executed, mmap and mprotect say so.
if mount -t tmpfs -o noexec tmpfs "$work/mnt" 2>"$work/log"; then
    "$lab" fuzz --count "$scripts" --dir "$work/mnt" || failed=1
    umount "$work/mnt" || exit 3
else
    skip noexec "$(tail -n 1 "$work/log")"
fi
exit $failed
