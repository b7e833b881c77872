# Shared by ./run and ./test (sourced, never run): the Debian packages and the CMake build. Expects $root.

say() { printf '== %s\n' "$*" >&2; }

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# wanted_packages SECTION...: the packages of these sections of packages.txt, without those whose command is there.
wanted_packages() {
  local section="" package hint
  while read -r package hint; do
    case "$package" in
      "" | "#"*) continue ;;
      "["*"]") section=${package//[\[\]]/} && continue ;;
    esac
    [[ " $* " == *" $section "* ]] || continue
    if [[ "$hint" == command:* ]] && command -v "${hint#command:}" >/dev/null; then
      continue
    fi
    printf '%s\n' "$package"
  done <"$root/packages.txt"
}

# missing_packages SECTION...: those of them that dpkg does not know as installed.
missing_packages() {
  local wanted
  wanted=$(wanted_packages "$@")
  # shellcheck disable=SC2086 # one word a package
  comm -23 <(sort <<<"$wanted") \
    <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2>/dev/null | sed -n 's/^installed //p' | sort -u)
}

# ensure_packages SECTION...: installs what is missing with one apt line; says nothing when nothing is.
# SIGNET_SKIP_PACKAGES=1 leaves the machine alone (other distributions, containers built elsewhere).
ensure_packages() {
  [[ -z "${SIGNET_SKIP_PACKAGES:-}" ]] || return 0
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    fail "this is not a Debian machine; install the counterparts of packages.txt and set SIGNET_SKIP_PACKAGES=1"
  fi
  local missing as_root=()
  missing=$(missing_packages "$@" | tr '\n' ' ')
  [[ -n "${missing// /}" ]] || return 0
  if [[ $(id -u) -ne 0 ]]; then
    command -v sudo >/dev/null || fail "these packages are missing and neither root nor sudo is at hand: apt-get install $missing"
    as_root=(sudo)
  fi
  mkdir -p "$root/build"
  local log="$root/build/apt.log"
  say "installing $(wc -w <<<"$missing") Debian packages: $missing"
  "${as_root[@]}" apt-get -q update >"$log" 2>&1 || say "apt-get update failed; going on with the package lists at hand"
  # shellcheck disable=SC2086 # one word a package
  if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install $missing 2>&1 |
    tee -a "$log" | show_apt_progress; then
    tail -n 15 "$log" >&2
    fail "apt-get could not install the packages; its whole output is in $log"
  fi
}

# One growing line on a terminal, one line per fifty packages elsewhere.
show_apt_progress() {
  local line count=0
  while read -r line; do
    [[ "$line" == "Setting up "* ]] || continue
    count=$((count + 1))
    if [[ -t 2 ]]; then
      printf '\r   %d packages set up' "$count" >&2
    elif ((count % 50 == 0)); then
      printf '   %d packages set up\n' "$count" >&2
    fi
  done
  [[ ! -t 2 || $count -eq 0 ]] || printf '\n' >&2
}

# build_preset PRESET TARGET...: configures once and when the presets change (ninja does it by itself when a CMake file changes), and builds.
build_preset() {
  local preset=$1
  shift
  local folder="$root/build/$preset" log="$root/build/$preset-configure.log"
  if [[ ! -f "$folder/build.ninja" || "$root/CMakePresets.json" -nt "$folder/build.ninja" ]]; then
    say "configuring build/$preset"
    mkdir -p "$root/build"
    (cd "$root" && cmake --preset "$preset") >"$log" 2>&1 || {
      tail -n 30 "$log" >&2
      fail "cmake could not configure; its whole output is in $log"
    }
  fi
  NINJA_STATUS='   step %f of %t: ' ninja -C "$folder" "$@" >&2 || fail "the build failed"
}
