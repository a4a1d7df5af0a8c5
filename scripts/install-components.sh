#!/bin/sh
# Installs what the tests and measurements run against and npm does not bring: a registry, two balancers to
# compare with, a load generator, Docker, etcd for Kubernetes' API server, what a node of Kubernetes runs pods with,
# PostgreSQL, small disks that fill up, and what checks rendered files (shellcheck, promtool). Safe to repeat: only what is missing is installed.
set -eu

# Debian puts some of these in sbin, which a plain user's PATH may not have.
PATH="$PATH:/usr/sbin:/sbin"

missing=''
for package in docker-registry nginx haproxy wrk shellcheck containerd runc openssl; do
  if command -v "$package" >/dev/null 2>&1; then
    echo "present: $package ($(command -v "$package"))"
  else
    echo "missing: $package"
    missing="$missing $package"
  fi
done

# Programs whose package has another name.
for pair in ps:procps dockerd:docker.io etcd:etcd-server promtool:prometheus mkfs.ext4:e2fsprogs losetup:util-linux nft:nftables ip:iproute2 iptables:iptables; do
  if command -v "${pair%%:*}" >/dev/null 2>&1; then
    echo "present: ${pair%%:*}"
  else
    echo "missing: ${pair%%:*} (package ${pair#*:})"
    missing="$missing ${pair#*:}"
  fi
done

# Debian keeps the programs of PostgreSQL's server where no PATH leads.
if command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
  echo 'present: initdb'
else
  echo 'missing: initdb (package postgresql)'
  missing="$missing postgresql"
fi

# Debian keeps the programs that give a pod its network where no PATH leads.
if [ -x /usr/lib/cni/bridge ] || [ -x /opt/cni/bin/bridge ] || [ -x /usr/libexec/cni/bridge ]; then
  echo 'present: CNI plugins'
else
  echo 'missing: CNI plugins (package containernetworking-plugins)'
  missing="$missing containernetworking-plugins"
fi

if [ -z "$missing" ]; then
  echo 'Nothing to install.'
  exit 0
fi

if ! command -v apt-get >/dev/null 2>&1; then
  echo "This system has no apt-get. Install with its own package manager:$missing" >&2
  exit 1
fi

if [ "$(id -u)" -ne 0 ]; then
  echo 'Installing needs root. Run:' >&2
  echo '  sudo apt-get update' >&2
  echo "  sudo apt-get install -y --no-install-recommends$missing" >&2
  exit 1
fi

# Debian starts a service as soon as its package is installed; the tests start their own on free ports, so a
# policy that refuses (exit 101, see invoke-rc.d) is put in place for as long as the installation runs.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 1' HUP INT TERM
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi

echo "Installing:$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
# shellcheck disable=SC2086 # one argument a package
apt-get install -y -q --no-install-recommends $missing
