#!/bin/sh
# Last step of the image's file system, for both ways of building it; its argument is the root of that file system.
set -eu
root=$1

# A program with file capabilities can't even start where its container dropped them ("Operation not permitted"):
# a copy without them can, and unprivileged ICMP sockets serve ping.
for program in usr/bin/ping usr/bin/arping usr/bin/mtr-packet bin/ping; do
  if [ -f "$root/$program" ] && [ ! -L "$root/$program" ]; then
    cp "$root/$program" "$root/$program.plain"
    chmod 755 "$root/$program.plain"
    mv "$root/$program.plain" "$root/$program"
  fi
done

# Nobody in here becomes root by running a program.
find "$root" -xdev -type f -perm /6000 -exec chmod ug-s {} +

# Of chrony only the client is called, and nothing in here starts a daemon or a timed job.
rm -rf "$root/usr/sbin/chronyd" "$root/var/lib/chrony" "$root"/etc/cron.d "$root"/etc/cron.daily "$root"/etc/systemd/system

# What no tool reads, and what differs from build to build or from one processor to the other for no tool's sake: without
# ld.so.cache, libraries are looked for in Debian's folders, where all of them are.
rm -rf "$root"/usr/share/doc/* "$root"/usr/share/man/* "$root"/usr/share/info/* "$root"/usr/share/locale/* \
  "$root"/usr/share/lintian "$root"/usr/share/bash-completion "$root"/var/cache/* "$root"/var/log/* "$root"/var/lib/apt \
  "$root"/var/lib/dpkg/*-old "$root"/var/lib/dpkg/info/* "$root"/etc/ld.so.cache \
  "$root"/tmp/* "$root"/run/* "$root"/etc/machine-id "$root"/etc/hostname "$root"/etc/resolv.conf

# The user of a container has no name: bash's own prompt would say so before each line.
if [ -f "$root/etc/bash.bashrc" ]; then
  printf '%s\n' "id -un >/dev/null 2>&1 || PS1='\\h:\\w\\\$ '" >>"$root/etc/bash.bashrc"
fi
