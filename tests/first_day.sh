#!/usr/bin/env bash
# Runs the commands of "The first day" in docs/operations.md, one after the other, and stops at the first that fails.
#   tests/first_day.sh FOLDER CHAT_PORT TLS_PORT REDIS_PORT
# Their paths lie below FOLDER. What a test must not touch has a stand-in: packages, users, systemd. All else is real.
set -euo pipefail
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd) folder=$1 chat_port=$2 tls_port=$3 redis_port=$4
unit=$folder/etc/systemd/system/chat.service
export SYSTEMD_UNIT_PATH=$folder/etc/systemd/system
mkdir -p "$folder"/{opt,root,var/lib,var/backups,etc/systemd/system,etc/nginx/conf.d}
# The repository that is cloned: what is committed here, on a branch of its own.
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
git init --quiet --bare --initial-branch=main "$folder/chat.git"
git -C "$project" push --quiet "$folder/chat.git" HEAD:refs/heads/main
openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -keyout "$folder/etc/nginx/chat.key" -out "$folder/etc/nginx/chat.crt" 2> /dev/null

placed() { sed -E "s#(^|[ =\"'(])/(opt|etc|var/lib|var/backups|root)/#\1$folder/\2/#g; s#-C /var/lib#-C $folder/var/lib#g" "$@"; }
apt-get() { :; }
useradd() { :; }
chown() { :; }
sudo() { shift 2; "$@"; }
sleep() { kill -0 "$chat" || { cat "$folder/chat.log"; exit 1; }; command sleep 0.2; }
curl() { command curl --insecure "$@"; }
journalctl() { cat "$folder/chat.log"; }

# What systemd does for chat.service, and for nginx.
systemctl() {
    case "$*" in
        "enable --now chat") placed -i "$unit"; chat_starts ;;
        "start chat") chat_starts ;;
        "stop chat") chat_stops ;;
        "restart chat") chat_stops; chat_starts ;;
        "reload nginx") nginx_starts ;;
        *) echo "systemctl $*: not played" >&2; return 1 ;;
    esac
}
chat_starts() {
    local data; data=$(sed -nE 's/^Environment=DATA_DIR=([^ ]+).*/\1/p' "$unit")
    mkdir -p -m 0700 "$data" "$data-secrets"
    (
        set -a
        . "$(sed -nE 's/^EnvironmentFile=//p' "$unit")"
        cd "$(sed -nE 's/^WorkingDirectory=//p' "$unit")"
        DATA_DIR=$data exec $(sed -nE 's/^ExecStart=//p' "$unit")
    ) >> "$folder/chat.log" 2>&1 &
    chat=$!
}
chat_stops() { kill -TERM "$chat"; wait "$chat"; }
nginx_starts() {
    local conf=$folder/etc/nginx/conf.d/chat.conf temporary=
    sed -i "/listen \[::\]/d; s/listen 443/listen 127.0.0.1:$tls_port/; s#/etc/nginx#$folder/etc/nginx#" "$conf"
    for name in client_body proxy fastcgi uwsgi scgi; do temporary+="${name}_temp_path $folder/$name; "; done
    echo "daemon off; pid $folder/nginx.pid; events {} http { access_log off; $temporary include $conf; }" > "$folder/nginx.conf"
    if [ "$(id -u)" = 0 ]; then sed -i '1s/^/user root; /' "$folder/nginx.conf"; fi
    PATH=$PATH:/usr/sbin command nginx -e stderr -p "$folder" -c "$folder/nginx.conf" & nginx=$!
    for _ in {1..50}; do if command curl --insecure --silent "https://localhost:$tls_port/up" > /dev/null; then return; fi; sleep 0.1; done
    return 1
}
chat='' nginx=''
trap 'kill $chat $nginx 2> /dev/null; wait' EXIT

sed -n '/^## The first day/,/^## What there/p' "$project/docs/operations.md" | sed -n '/^```bash/,/^```/{/^```/!p}' > "$folder/commands"
placed -i "$folder/commands"
# Who types a password types it twice.
sed -i "s#create-admin alice#create-admin alice --password 'correct horse battery'#" "$folder/commands"
sed -i "s#https://git.example.org#--quiet $folder#; s#chat.example.org#localhost:$tls_port#; s#5000\b#$chat_port#g; s#6379#$redis_port#
        s#web:$chat_port/#web:5000/#" "$folder/commands"
. "$folder/commands"
