#!/usr/bin/env bash
# Drives the real window on a virtual screen, as a hand would: opens a lab with the mouse, steps and plays with the
# keyboard, changes the theme, and then looks at the screen and at the session that the window leaves behind.
# Usage: window_test.sh PROGRAM
set -euo pipefail

fail() {
  printf 'window_test: %s\n' "$*" >&2
  cat "$work/log" >&2 || true
  exit 1
}

drive() {
  "$program" --quit-after 8 > "$work/log" 2>&1 &
  for _ in $(seq 50); do
    window=$(xdotool search --name '^Vitrine$' 2> /dev/null | head -n 1 || true)
    [[ -n $window ]] && break
    sleep 0.1
  done
  sleep 1
  import -window root "$work/first.png"
  xdotool key l                                       # no tour now: the labs stand where it was offered
  sleep 0.4
  xdotool mousemove 60 131 click 1                    # the second lab of the rail: the sliding window
  sleep 0.4
  xdotool key --delay 80 End Left Left                # outputs 7, 6, 5
  sleep 0.4
  import -window root "$work/dark.png"
  xdotool mousemove 600 300 click --delay 60 4        # the wheel over the stage zooms it
  sleep 0.4
  import -window root "$work/zoomed.png"
  xdotool mousemove 60 500 click --repeat 30 --delay 1 1 key 3  # more at once than a frame can take, then still
  wait
}
if [[ ${2:-} == --on-this-screen ]]; then
  drive
  exit
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_STATE_HOME=$work/state XDG_DATA_HOME=$work/data work program=$1
xvfb-run -a -s '-screen 0 1440x900x24' "$0" "$1" --on-this-screen || fail "the window could not be driven"

colors() { convert "$work/$1" -format '%k' info:; }
[[ $(colors dark.png) -gt 200 ]] || fail "the window shows next to nothing: $(colors dark.png) colours"
[[ $(compare -metric AE "$work/first.png" "$work/dark.png" null: 2>&1 || true) -gt 20000 ]] || fail "the first start does not offer the tour"
[[ $(compare -metric AE "$work/dark.png" "$work/zoomed.png" null: 2>&1 || true) -gt 5000 ]] || fail "the wheel did not zoom"
session=$work/state/vitrine/session.json
[[ -f $session ]] || fail "no session was saved"
grep -q '"lab": "one-matrix"' "$session" || fail "a key behind a burst of clicks was lost"
grep -A 60 '"sliding-window"' "$session" | grep -q '"t": 4' || fail "a click on the rail, End, Left, Left did not end at the fifth output"
grep -q 'first frame' "$work/log" || fail "the window did not close by itself"
echo "window_test: passed"
