# Sourced by the other commands: finds a suitable Python, creates .venv, installs dependencies and the browser libraries.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
export PIP_DISABLE_PIP_VERSION_CHECK=1

say() { printf '%s\n' "$*" >&2; }
give_up() { say "$*"; exit 1; }

# Succeeds if the chat uses the embedded database: neither the environment nor .env names a MongoDB.
wants_embedded() {
    [ -z "${MONGO_URI:-}${MONGO_URI_FILE:-}" ] && ! grep -qsE '^[[:space:]]*(export[[:space:]]+)?MONGO_URI(_FILE)?=.' .env
}

# A Python program that prints how long a typical workload takes, in microseconds, and the path of its Python; it fails if the
# version does not fit.
SUITS='
import sys, time, venv, ensurepip
if not int(sys.argv[1]) <= sys.version_info.minor <= int(sys.argv[2]) or sys.version_info.major != 3: sys.exit(1)

class Message:
    def __init__(self, seq): self.seq = seq
    def view(self, **to): return {"seq": self.seq, **to}

def work():
    began = time.perf_counter()
    for seq in range(30_000):
        if isinstance(message := Message(seq), Message): str(message.view(to=seq)["seq"]).encode()
    return time.perf_counter() - began

print(round(min(work() for _ in range(3)) * 1e6), sys.executable)
'

# Prints the fastest Python >= 3.11 on the PATH; with the embedded database, one of the versions of its wheels (3.11 to 3.13).
# Two builds of one version differ by a third: pyenv builds without optimisation by default.
find_python() {
    local oldest=11 newest=99 python found
    if wants_embedded; then newest=13; fi
    if [ -f wheels/python ]; then
        oldest=$(cat wheels/python)
        newest=$oldest
    fi
    found=$(
        type -ap python3 python3.{11..14} | sort -u | while read -r python; do
            "$python" -c "$SUITS" "$oldest" "$newest" 2>/dev/null < /dev/null
        done | sort -n | head -1
    )
    if [ -n "$found" ]; then
        printf '%s' "${found#* }"
    elif [ -f wheels/python ]; then
        give_up "Python 3.$newest with its venv module is needed: the packages in wheels/ are for it."
    elif wants_embedded; then
        give_up "Python 3.11, 3.12 or 3.13 with its venv module is needed (on Debian: apt-get install python3 python3-venv), or set MONGO_URI to a MongoDB of your own."
    else
        give_up "Python 3.11 or newer with its venv module is needed (on Debian: apt-get install python3 python3-venv)."
    fi
}

# install NAME FILE...: installs the locked packages of the files into .venv, if the files changed since the last time. pip checks
# each package's hash, and runs no build code of packages. In a bundle (deploy/bundle) it asks no network.
install() {
    local stamp=".venv/.installed-$1" wanted files=() from=() trouble="is there a network?"
    if [ -f wheels/python ]; then
        from=(--no-index --find-links wheels)
        trouble="wheels/ has packages for another system than this one, or not these."
    fi
    shift
    wanted=$(cat "$@" | cksum)
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && return
    for file in "$@"; do files+=(-r "$file"); done
    say "Installing what $* names …"
    .venv/bin/python -m pip install --quiet --require-hashes --only-binary :all: "${from[@]}" "${files[@]}" || give_up "pip could not install what $* names; $trouble"
    printf '%s' "$wanted" > "$stamp"
}

# Installs the libraries of the pages from npm by package-lock.json, and copies them into the static files.
# With "tests" it also installs the formatter and axe. The stamp says which of the two is installed.
fetch_browser_libraries() {
    local vendor=chat/static/vendor npm=npm stamp=chat/static/vendor/.fetched wanted installed options=(--omit=dev)
    if [ "${1:-}" = tests ]; then options=(); fi
    wanted=$(cksum < package-lock.json)
    installed=$(cat "$stamp" 2> /dev/null || true)
    [ "$installed" = "$wanted with tools" ] && return
    [ "$installed" = "$wanted" ] && [ "${1:-}" != tests ] && return
    say "Fetching the browser libraries …"
    if ! command -v npm > /dev/null; then
        install npm requirements-node.lock
        npm=.venv/bin/npm
        export PATH="$PWD/.venv/bin:$PATH"
    fi
    "$npm" ci "${options[@]}" --ignore-scripts --no-audit --no-fund --silent || give_up "npm could not fetch what package-lock.json pins; is there a network?"
    mkdir -p "$vendor"
    cp node_modules/socket.io-client/dist/socket.io.esm.min.js "$vendor/socket.io.js" || exit 1
    if [ "${1:-}" = tests ]; then wanted+=" with tools"; fi
    printf '%s' "$wanted" > "$stamp"
}

set_up() {
    if [ ! -x .venv/bin/python ]; then
        local python
        python=${PYTHON:-$(find_python)} || exit 1
        say "Making .venv with $python …"
        "$python" -m venv .venv || give_up "$python cannot make a virtual environment."
    fi
    install chat requirements.lock
    if wants_embedded || [ "${1:-}" = tests ]; then install embedded requirements-embedded.lock; fi
    if [ "${1:-}" = tests ]; then install tests requirements-test.lock; fi
    fetch_browser_libraries "${1:-}"
}
