#!/bin/sh
# Builds the Kubernetes programs that tests run against, from their published Go modules at the versions and checksums
# pinned in scripts/kubernetes, and fetches the definitions of the Gateway API and of SecretProviderClass. Both are kept in
# the user's cache folder: a repeated run builds only what is missing there.
#
#   sh scripts/build-kubernetes.sh [PROGRAM ... | all]    the default: kube-apiserver kubectl
set -eu

[ "$#" -gt 0 ] || set -- kube-apiserver kubectl
# A cluster with a node.
[ "$*" != all ] || set -- kube-apiserver kube-controller-manager kube-proxy kube-scheduler kubectl kubelet
sources=$(cd "$(dirname "$0")/kubernetes" && pwd)
version=$(sed -n 's|^require k8s.io/kubernetes ||p' "$sources/go.mod")
kept="${XDG_CACHE_HOME:-$HOME/.cache}/sluice/kubernetes/$version"

missing=''
for program in "$@"; do
  case $program in
    kube-apiserver | kube-controller-manager | kube-proxy | kube-scheduler | kubectl | kubelet) ;;
    *)
      echo "$program is not a program of Kubernetes that this script builds." >&2
      exit 1
      ;;
  esac
  if [ -x "$kept/$program" ]; then
    echo "present: $program $version ($kept/$program)"
  else
    echo "missing: $program $version"
    missing="$missing k8s.io/kubernetes/cmd/$program"
  fi
done

# They have versions of their own, so their checksums are kept beside them.
definitions=missing
if cmp -s "$sources/definitions/go.sum" "$kept/definitions/go.sum"; then
  definitions=present
fi
echo "$definitions: custom resource definitions ($kept/definitions)"

if [ -z "$missing" ] && [ "$definitions" = present ]; then
  echo 'Nothing to build.'
  exit 0
fi

if ! command -v go >/dev/null 2>&1; then
  echo 'Building Kubernetes needs Go 1.26 or newer, and there is no go here. Install it, then run this again:' >&2
  echo '  https://go.dev/doc/install   (macOS: brew install go)' >&2
  exit 1
fi

# Everything is made beside its place and moved there whole: what an interrupted run leaves never counts.
mkdir -p "$kept"
new=$(mktemp -d "$kept/new.XXXXXX")
trap 'rm -rf "$new"' EXIT
trap 'exit 1' HUP INT TERM

if [ "$definitions" = missing ]; then
  cd "$sources/definitions"
  go mod download
  gateway=$(go list -m -f '{{.Dir}}' sigs.k8s.io/gateway-api)
  driver=$(go list -m -f '{{.Dir}}' sigs.k8s.io/secrets-store-csi-driver)
  mkdir "$new/definitions"
  cp "$gateway"/config/crd/standard/gateway.networking.k8s.io_*.yaml "$new/definitions"
  cp "$driver/deploy/secrets-store.csi.x-k8s.io_secretproviderclasses.yaml" "$new/definitions"
  # The module cache is read-only, and a folder that is kept must be removable.
  chmod 644 "$new"/definitions/*.yaml
  cp go.sum "$new/definitions"
  rm -rf "$kept/definitions"
  mv "$new/definitions" "$kept/definitions"
  echo "Fetched: $kept/definitions"
fi

if [ -n "$missing" ]; then
  echo "Building (the first time on two cores: about 5 minutes):$missing"
  cd "$sources"
  # Clients that parse the version break where it is not set.
  minor=${version#v1.}
  flags='-s -w'
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    flags="$flags -X $package.gitVersion=$version -X $package.gitMajor=1 -X $package.gitMinor=${minor%%.*}"
    flags="$flags -X $package.gitTreeState=clean"
  done
  mkdir "$new/programs"
  # shellcheck disable=SC2086 # one argument a program
  CGO_ENABLED=0 go build -trimpath -ldflags "$flags" -o "$new/programs/" $missing
  mv "$new"/programs/* "$kept/"
  echo "Built: $kept"
fi
