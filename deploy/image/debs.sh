#!/bin/sh
# Downloads Debian packages of any architecture, and nothing that they depend on: debs.sh ARCHITECTURE FOLDER PACKAGE…
# The machine's own list of packages is neither used nor changed; nothing of the packages is run.
set -eu
arch=$1 folder=$2
shift 2
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
mkdir -p "$folder" "$state/lists/partial" "$state/cache/archives/partial" "$state/parts"
key=/usr/share/keyrings/debian-archive-keyring.gpg
cat > "$state/sources" <<SOURCES
deb [signed-by=$key] http://deb.debian.org/debian bookworm main
deb [signed-by=$key] http://deb.debian.org/debian bookworm-updates main
deb [signed-by=$key] http://deb.debian.org/debian-security bookworm-security main
SOURCES
: > "$state/status"
apt() {
  apt-get -q -o APT::Architecture="$arch" -o APT::Architectures="$arch" -o APT::Sandbox::User=root \
    -o Acquire::Languages=none -o Dir::State::lists="$state/lists" -o Dir::State::status="$state/status" \
    -o Dir::Cache="$state/cache" -o Dir::Etc::SourceList="$state/sources" -o Dir::Etc::SourceParts="$state/parts" "$@"
}
apt update
cd "$folder"
apt download "$@"
