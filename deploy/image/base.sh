#!/bin/sh
# First layer of the program's image: what Node needs of Debian, and no program at all. base.sh ROOT FOLDER-OF-PACKAGES
set -eu
umask 022
root=$1 debs=$2
files=$(mktemp -d)
trap 'rm -rf "$files"' EXIT

for deb in "$debs"/*.deb; do
  dpkg-deb --extract "$deb" "$files"
  name=$(dpkg-deb --field "$deb" Package)
  # Scanners read from these files what is installed; sbom.ts does too.
  mkdir -p "$root/var/lib/dpkg/status.d" "$root/usr/share/doc/$name"
  dpkg-deb --field "$deb" > "$root/var/lib/dpkg/status.d/$name"
done

cd "$files"
# Libraries, and the program loader where its architecture expects it. "gconv" has character sets that Node has itself.
for path in lib/*-linux-gnu lib/ld-linux-*.so.* lib64/ld-linux-*.so.* usr/lib/*-linux-gnu/*.so.*; do
  [ -e "$path" ] || continue
  mkdir -p "$root/$(dirname "$path")"
  cp -a "$path" "$root/$path"
done
for doc in usr/share/doc/*; do
  if [ -f "$doc/copyright" ] && [ -d "$root/$doc" ]; then cp -L "$doc/copyright" "$root/$doc/copyright"; fi
done
find "$root/usr/share/doc" -type d -empty -delete

mkdir -p "$root/etc/ssl/certs"
find usr/share/ca-certificates/mozilla -name '*.crt' | LC_ALL=C sort | while read -r certificate; do
  cat "$certificate"
  echo
done > "$root/etc/ssl/certs/ca-certificates.crt"
cp -L usr/lib/os-release "$root/etc/os-release"
echo 'hosts: files dns' > "$root/etc/nsswitch.conf"
printf 'root:x:0:0:root:/root:/sbin/nologin\nretina:x:65532:65532:retina-chatops:/tmp:/sbin/nologin\n' > "$root/etc/passwd"
printf 'root:x:0:\nretina:x:65532:\n' > "$root/etc/group"
# Mount points: a container with a read-only root file system can't get them later.
mkdir -p "$root/dev" "$root/proc" "$root/sys" "$root/tmp" "$root/etc/retina-chatops"
chmod 1777 "$root/tmp"
