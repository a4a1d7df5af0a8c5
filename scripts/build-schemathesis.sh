#!/bin/sh
# Installs the program that tries the HTTP API with made-up requests, schemathesis (MIT, from PyPI), into an environment of
# its own in the user's cache folder. It is kept there by version.
set -eu

version=4.32.5
kept="${XDG_CACHE_HOME:-$HOME/.cache}/sluice/schemathesis"
folder="$kept/$version"

if [ -x "$folder/bin/schemathesis" ]; then
  echo "present: schemathesis $version ($folder/bin/schemathesis)"
  exit 0
fi

if ! command -v python3 >/dev/null 2>&1; then
  echo 'Installing it needs Python 3.10 or newer, and there is no python3 here.' >&2
  exit 1
fi

# An environment names its own place, so it is made there; the program stands in it only when all is installed.
echo "Installing (the first time about a minute): schemathesis $version"
rm -rf "$folder"
mkdir -p "$folder"
if python3 -m venv "$folder" >/dev/null 2>&1; then
  "$folder/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$version"
else
  # Debian's python3 comes without what makes environments.
  rm -rf "$folder"
  python3 -m pip install --quiet --disable-pip-version-check --target "$folder/lib" "schemathesis==$version"
  mkdir -p "$folder/bin"
  cat >"$folder/bin/schemathesis.new" <<END
#!/bin/sh
PYTHONPATH='$folder/lib' exec python3 -m schemathesis.cli "\$@"
END
  chmod 755 "$folder/bin/schemathesis.new"
  mv "$folder/bin/schemathesis.new" "$folder/bin/schemathesis"
fi
echo "Installed: $folder/bin/schemathesis"
