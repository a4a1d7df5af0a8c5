#!/bin/bash
# Runs the container of /etc/sluice/release.json in the foreground. Secrets are read by the identity of the
# instance at every start: into the environment of one process or into memory, never onto the disk.
set -euo pipefail

release=${RELEASE_FILE:-/etc/sluice/release.json}
run=${RUN_FOLDER:-/run/sluice}
docker=$(command -v docker)
export DOCKER_CONFIG=$run/docker

field() { jq -er ".$1" "$release"; }

# Keys and values of a map of the release, each ended by a NUL so that a value may hold line ends.
pairs() { jq -j ".$1 | to_entries[] | .key, \"\\u0000\", .value, \"\\u0000\"" "$release"; }

# The value of a secret named as Amazon ECS does: ARN[:JSON-KEY[:STAGE[:VERSION]]].
secret() {
  local part arn options
  IFS=: read -ra part <<<"$1"
  arn=$(IFS=:; printf '%s' "${part[*]:0:7}")
  options=(--secret-id "$arn" --region "${part[3]}" --query SecretString --output json)
  if [[ -n ${part[8]:-} ]]; then options+=(--version-stage "${part[8]}"); fi
  if [[ -n ${part[9]:-} ]]; then options+=(--version-id "${part[9]}"); fi
  aws secretsmanager get-secret-value "${options[@]}" |
    jq -ej --arg key "${part[7]:-}" 'if $key == "" then . else fromjson | .[$key] // error("the secret has no such key") end'
}

service=$(field service)
image=$(field image)
port=$(field port)

rm -rf "$run"
install -d -m 0700 "$run" "$run/files" "$DOCKER_CONFIG"

registry=${image%%/*}
if [[ $registry =~ \.dkr\.ecr(-fips)?\.([a-z0-9-]+)\. ]]; then
  aws ecr get-login-password --region "${BASH_REMATCH[2]}" |
    "$docker" login --username AWS --password-stdin "$registry" >/dev/null
fi
"$docker" image inspect "$image" >/dev/null 2>&1 || "$docker" pull --quiet "$image"

token=$(curl -sSf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token)
instance=$(curl -sSf -H "X-aws-ec2-metadata-token: $token" http://169.254.169.254/latest/meta-data/instance-id)

options=(
  --name "$service" --rm --init --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges
  --publish "$port:$port" --stop-timeout "$(field stop_seconds)"
  --log-driver awslogs --log-opt "awslogs-region=$(field region)"
  --log-opt "awslogs-group=$(field log_group)" --log-opt "awslogs-stream=$service/$instance"
)

count=0
mount_file() {
  # The folder is closed to everybody else on the instance; in the container the file belongs to nobody in particular.
  chmod 0444 "$1"
  options+=(--mount "type=bind,source=$1,target=$2,readonly")
}
while IFS= read -r -d '' path && IFS= read -r -d '' content; do
  count=$((count + 1))
  printf '%s' "$content" >"$run/files/$count"
  mount_file "$run/files/$count" "$path"
done < <(pairs files)
while IFS= read -r -d '' path && IFS= read -r -d '' arn; do
  count=$((count + 1))
  secret "$arn" >"$run/files/$count"
  mount_file "$run/files/$count" "$path"
done < <(pairs secret_files)

while IFS= read -r -d '' variable && IFS= read -r -d '' content; do
  options+=(--env "$variable=$content")
done < <(pairs environment)
while IFS= read -r -d '' variable && IFS= read -r -d '' arn; do
  # Named only: an argument would be seen by everybody who lists processes. The x keeps line ends at the end.
  content=$(secret "$arn" && printf x)
  export "$variable=${content%x}"
  options+=(--env "$variable")
done < <(pairs secrets)

mapfile -d '' -t command < <(jq -j '.command[] | ., "\u0000"' "$release")
exec "$docker" run "${options[@]}" "$image" "${command[@]}"
