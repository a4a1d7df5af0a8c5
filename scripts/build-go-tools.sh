#!/bin/sh
# Builds tools that tests and measurements run and that come as Go modules: actionlint (checks rendered workflows) and, when
# it is named, helm (compared with in bench/render). They are kept in the user's cache folder by version.
#
#   sh scripts/build-go-tools.sh [TOOL ...]    actionlint, helm; the default: actionlint
set -eu

[ "$#" -gt 0 ] || set -- actionlint
kept="${XDG_CACHE_HOME:-$HOME/.cache}/sluice/go-tools"

for tool in "$@"; do
  case $tool in
    actionlint) package=github.com/rhysd/actionlint/cmd/actionlint version=v1.7.7 ;;
    helm) package=helm.sh/helm/v3/cmd/helm version=v3.19.2 ;;
    *)
      echo "$tool is not a tool that this script builds." >&2
      exit 1
      ;;
  esac
  folder="$kept/$tool-$version"
  if [ -x "$folder/$tool" ]; then
    echo "present: $tool $version ($folder)"
    continue
  fi
  if ! command -v go >/dev/null 2>&1; then
    echo "Building $tool needs Go 1.24 or newer: https://go.dev/doc/install" >&2
    exit 1
  fi
  echo "building: $tool $version"
  # go puts a program in its place only when it is whole.
  GOBIN="$folder" CGO_ENABLED=0 go install -trimpath "$package@$version"
done
