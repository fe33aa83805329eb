#!/bin/sh
# Layer with Node, from the npm package of its platform by name: node.sh ARCHITECTURE ROOT
# (The package "node" would choose the platform of the machine that installs it, by an install script.)
set -eu
umask 022
here=$(cd "$(dirname "$0")" && pwd)
case $1 in amd64) cpu=x64 ;; arm64) cpu=arm64 ;; *) echo "node.sh: unknown architecture $1; use amd64 or arm64" >&2; exit 2 ;; esac
root=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
archive=$(awk '{ print $2 }' "$here/node.sha512" | grep "^node-linux-$cpu-")
version=${archive#"node-linux-$cpu-"}
version=${version%.tgz}

npm pack --silent --pack-destination "$folder" "node-linux-$cpu@$version" > /dev/null
cd "$folder"
grep " $archive\$" "$here/node.sha512" | sha512sum --check --quiet -
tar -xzf "$archive" package/bin/node package/LICENSE
mkdir -p "$root/usr/local/bin" "$root/usr/local/share/doc/node"
cp package/bin/node "$root/usr/local/bin/node"
cp package/LICENSE "$root/usr/local/share/doc/node/LICENSE"
