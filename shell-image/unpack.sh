#!/bin/sh
# File system for another processor than this machine's, of which nothing can be run: unpack.sh ROOT FOLDER-OF-PACKAGES GENERATED FROM TO
# GENERATED (tar) has what the packages' own scripts made on this machine's processor: links of alternatives, certificates, users.
# FROM and TO are the two processors' names in paths: x86_64-linux-gnu aarch64-linux-gnu.
set -eu
umask 022
root=$1 debs=$2 generated=$3 from=$4 to=$5

mkdir -p "$root"
tar -C "$root" --transform "s/$from/$to/g" -xpf "$generated"
grep -rlIF "$from" "$root/etc" "$root/var/lib/dpkg" | xargs -r sed -i "s/$from/$to/g"
for deb in "$debs"/*.deb; do
  dpkg-deb --fsys-tarfile "$deb" | tar -C "$root" -xp --keep-directory-symlink
  dpkg-deb --field "$deb" | sed '/^Package:/a Status: install ok installed'
  echo
done > "$root.status"
mv "$root.status" "$root/var/lib/dpkg/status"
