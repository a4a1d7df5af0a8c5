#!/bin/sh
# Builds the program of the Compose Specification that says whether a Compose file is valid, from its published Go module at
# the version and checksums pinned in scripts/compose. It is kept in the user's cache folder.
set -eu

sources=$(cd "$(dirname "$0")/compose" && pwd)
version=$(sed -n 's|.*github.com/compose-spec/compose-go/v2 \(v[^ ]*\).*|\1|p' "$sources/go.mod")
kept="${XDG_CACHE_HOME:-$HOME/.cache}/sluice/compose/$version"

if [ -x "$kept/compose-config" ]; then
  echo "present: compose-config $version ($kept/compose-config)"
  exit 0
fi

if ! command -v go >/dev/null 2>&1; then
  echo 'Building it needs Go 1.24 or newer, and there is no go here. Install it, then run this again:' >&2
  echo '  https://go.dev/doc/install   (macOS: brew install go)' >&2
  exit 1
fi

# Made beside its place and moved there whole: what an interrupted run leaves never counts.
mkdir -p "$kept"
new=$(mktemp -d "$kept/new.XXXXXX")
trap 'rm -rf "$new"' EXIT
trap 'exit 1' HUP INT TERM
echo "Building (the first time about 10 seconds): compose-config $version"
cd "$sources"
CGO_ENABLED=0 go build -trimpath -o "$new/compose-config" github.com/compose-spec/compose-go/v2/cmd
mv "$new/compose-config" "$kept/"
echo "Built: $kept/compose-config"
