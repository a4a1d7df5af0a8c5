#!/bin/sh
# Builds what tests run on and beside a Kubernetes cluster, from published Go modules at the versions and checksums pinned in
# scripts/cluster: Traefik (Ingress and Gateway API), CoreDNS, the tests' own programs (the application of pods, a load
# generator) and, when they are named, KWOK (simulated nodes) and Argo Rollouts (compared with), both for bench/kubernetes.
# They are kept in the user's cache folder by version: a repeated run builds only what is missing there.
#
#   sh scripts/build-cluster-tools.sh [TOOL ...]    traefik coredns programs kwok argo-rollouts; the default: the first three
set -eu

[ "$#" -gt 0 ] || set -- traefik coredns programs
here=$(cd "$(dirname "$0")" && pwd)
cache="${XDG_CACHE_HOME:-$HOME/.cache}/sluice"

# The version that a go.mod requires of its one direct module.
required() {
  sed -n "s|^require $2 ||p" "$here/cluster/$1/go.mod"
}

# Builds packages of the module in a folder into a place of this version, unless they are there.
build() {
  tool=$1 version=$2 sources=$3 flags=$4
  shift 4
  kept="$cache/$tool/$version"
  if [ -d "$kept" ]; then
    echo "present: $tool $version ($kept)"
    return
  fi
  if ! command -v go >/dev/null 2>&1; then
    echo "Building $tool needs Go 1.26 or newer, and there is no go here. Install it, then run this again:" >&2
    echo '  https://go.dev/doc/install   (macOS: brew install go)' >&2
    exit 1
  fi
  echo "building (the first time on two cores up to 5 minutes): $tool $version"
  # Made beside its place and moved there whole: what an interrupted run leaves never counts.
  mkdir -p "$cache/$tool"
  new=$(mktemp -d "$cache/$tool/new.XXXXXX")
  trap 'rm -rf "$new"' EXIT
  trap 'exit 1' HUP INT TERM
  chmod 755 "$new"
  cd "$sources"
  CGO_ENABLED=0 go build -trimpath -ldflags "-s -w $flags" -o "$new/" "$@"
  [ "$tool" != argo-rollouts ] || copy_definitions
  # Somebody else may have built the same meanwhile.
  [ -d "$kept" ] || mv "$new" "$kept"
  rm -rf "$new"
  trap - EXIT
  echo "Built: $kept"
}

# What the controller wants to be known to the API server.
copy_definitions() {
  module=$(go list -m -f '{{.Dir}}' github.com/argoproj/argo-rollouts)
  cp -R "$module/manifests/crds" "$new/definitions"
  # The module cache is read-only, and a folder that is kept must be removable.
  chmod -R u+w "$new/definitions"
}

for tool in "$@"; do
  case $tool in
    traefik)
      module=github.com/traefik/traefik/v3
      version=$(required traefik $module)
      build traefik "$version" "$here/cluster/traefik" "-X $module/pkg/version.Version=$version" $module/cmd/traefik
      ;;
    coredns)
      version=$(required coredns github.com/coredns/coredns)
      build coredns "$version" "$here/cluster/coredns" '' .
      ;;
    argo-rollouts)
      module=github.com/argoproj/argo-rollouts
      version=$(required argo-rollouts $module)
      build argo-rollouts "$version" "$here/cluster/argo-rollouts" "-X $module/utils/version.version=${version#v}" \
        $module/cmd/rollouts-controller $module/cmd/kubectl-argo-rollouts
      ;;
    kwok)
      module=sigs.k8s.io/kwok
      version=$(required kwok $module)
      build kwok "$version" "$here/cluster/kwok" "-X $module/pkg/consts.Version=$version" $module/cmd/kwok
      ;;
    programs)
      sources="$here/../test/harness/cluster/programs"
      # Their version is what they are made of.
      version=$(cd "$sources" && cat go.mod ./*/*.go | sha256sum | cut -c 1-16)
      build cluster-programs "$version" "$sources" '' ./...
      ;;
    *)
      echo "$tool is not a tool that this script builds." >&2
      exit 1
      ;;
  esac
done
