#!/usr/bin/env bash
# Gives a command a PostgreSQL server of its own: scripts/lib/postgres.sh run COMMAND…
#
# Makes a cluster in a temporary folder, starts it on a free port of 127.0.0.1, runs the command and always stops
# and deletes it, also when this script is interrupted or killed. Ends with the command's exit code. The command finds
#
#   PATRON_TEST_POSTGRES          the server's URL, password included
#   PATRON_TEST_POSTGRES_CONTROL  a program: `stop` stops the server at once, as a crash would; `start` starts it again
#
# Where no server is installed it says so and runs the command without them: what needs a server skips.
# fsync is on, for what is tested is durability. As root the server runs as the user postgres, or as nobody.
set -euo pipefail

say() { printf 'postgres: %s\n' "$*" >&2; }

if (($# < 2)) || [[ $1 != run ]]; then
    say "usage: scripts/lib/postgres.sh run COMMAND…"
    exit 2
fi
shift

# Debian keeps the server's programs out of PATH, by version: the latest
bin=$(find /usr/lib/postgresql -mindepth 3 -maxdepth 3 -path '*/bin/initdb' 2>/dev/null | sort -V | tail -n 1)
bin=${bin:-$(command -v initdb || true)}
if [[ -z $bin ]]; then
    say "no server is installed (scripts/lib/setup.sh base); going on without one"
    exec "$@"
fi
bin=$(dirname "$bin")

as_server=()
if ((EUID == 0)); then
    user=nobody
    if id postgres >/dev/null 2>&1; then
        user=postgres
    fi
    as_server=(setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups --inh-caps=-all)
fi

# short, and open to the server's user; its own folder inside is not open to others
base=$(mktemp -d "${TMPDIR:-/tmp}/patron-postgres.XXXXXX")
chmod 711 "$base"
mkdir -m 700 "$base/server"
if ((EUID == 0)); then
    chown "$user" "$base/server"
fi

# only removes a folder that it made; called twice it does nothing the second time
cat >"$base/end" <<END
#!/usr/bin/env bash
cd /
if [[ -f '$base/server/data/postmaster.pid' ]]; then
    ${as_server[*]} '$bin/pg_ctl' -D '$base/server/data' -m immediate -w -t 20 stop >/dev/null 2>&1
fi
rm -rf '$base'
END
chmod 700 "$base/end"
finish() {
    local status=$?
    trap - EXIT
    trap '' INT TERM HUP
    if [[ -n ${child:-} ]]; then
        kill -TERM "$child" 2>/dev/null || true
        wait "$child" 2>/dev/null || true
    fi
    if [[ -x $base/end ]]; then
        bash "$base/end" || true
    fi
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP
# and when this shell is killed in a way that nobody can catch
setsid bash -c 'tail --pid="$1" -s 0.5 -f /dev/null; [[ -x $2/end ]] && exec bash "$2/end"' - $$ "$base" \
    </dev/null >/dev/null 2>&1 &

password=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
(umask 077 && printf '%s\n' "$password" >"$base/server/password")
if ((EUID == 0)); then
    chown "$user" "$base/server/password"
fi
cd "$base" # the server's user need not be able to read the folder that we came from
if ! "${as_server[@]}" "$bin/initdb" -D server/data -U patron --pwfile=server/password --auth=scram-sha-256 \
    --encoding=UTF8 --no-locale --no-sync >server.log 2>&1; then
    cat server.log >&2
    exit 1
fi
rm server/password
cat >>server/settings <<'END'
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = on
recovery_init_sync_method = syncfs
shared_buffers = 128MB
max_connections = 60
log_min_messages = warning
END
cat server/settings >>server/data/postgresql.conf

cat >"$base/control" <<END
#!/usr/bin/env bash
set -eu
cd '$base'
case \${1:-} in
    start) exec ${as_server[*]} '$bin/pg_ctl' -D server/data -l server/log -w -t 60 -o "-p \$(cat port)" start >/dev/null ;;
    stop) exec ${as_server[*]} '$bin/pg_ctl' -D server/data -m immediate -w -t 60 stop >/dev/null ;;
    *) echo "usage: control start|stop" >&2; exit 2 ;;
esac
END
chmod 755 "$base/control"

# whoever else takes a port between our look and the server's: try another
for _ in 1 2 3 4 5 6 7 8; do
    port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
    printf '%s\n' "$port" >port
    if (: >"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
        port=
        continue
    fi
    if ./control start; then
        break
    fi
    port=
done
if [[ -z $port ]]; then
    say "the server does not start:"
    tail -n 20 server/log >&2
    exit 1
fi
cd "$OLDPWD"

export PATRON_TEST_POSTGRES="postgresql://patron:$password@127.0.0.1:$port/postgres"
export PATRON_TEST_POSTGRES_CONTROL="$base/control"
# in the background, so that a signal to this script is not kept waiting; a shell makes such commands deaf to Ctrl-C
env --default-signal=INT,QUIT "$@" <&0 &
child=$!
status=0
wait "$child" || status=$?
child=
exit "$status"
