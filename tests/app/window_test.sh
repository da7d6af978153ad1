#!/usr/bin/env bash
# Drives the real window on a virtual screen, as a hand would: opens a lab with the mouse, steps and plays with the
# keyboard, changes the theme, and then looks at the screen and at the session that the window leaves behind. Then a window
# is killed, and the next one is to ask before it restores what the killed one had saved.
# Usage: window_test.sh PROGRAM
set -euo pipefail

fail() {
  printf 'window_test: %s\n' "$*" >&2
  cat "$work/log" >&2 || true
  exit 1
}

# opened SECONDS: the window, which closes by itself after so long.
opened() {
  "$program" --quit-after "$1" > "$work/log" 2>&1 &
  for _ in $(seq 50); do
    window=$(xdotool search --name '^Vitrine$' 2> /dev/null | head -n 1 || true)
    [[ -n $window ]] && break
    sleep 0.1
  done
  sleep 1
}

# How many pixels of two pictures differ.
differing() { printf '%.0f' "$(compare -metric AE "$work/$1" "$work/$2" null: 2>&1 || true)"; }

# look NAME [BEFORE]: the screen, once it is another than it was in the picture BEFORE.
look() {
  for _ in $(seq 10); do
    sleep 0.4
    import -window root "$work/$1"
    if [[ -z ${2:-} || $(differing "$1" "$2") -gt 5000 ]]; then break; fi
  done
}

crash() {
  opened 60
  xdotool key 5
  for _ in $(seq 40); do
    grep -q '"lab": "layer-sizes"' "$session" && break
    sleep 1
  done
  kill -9 $!
  wait || true
  cp "$session" "$work/saved.json"
  opened 6                                            # asks, and is not answered
  look asks.png
  wait
  cp "$session" "$work/unanswered.json"
  opened 10
  xdotool key Return                                  # restores
  sleep 1
  look restored.png asks.png
  wait
}

drive() {
  opened 20
  look first.png
  xdotool key l                                       # no tour now: the labs stand where it was offered
  sleep 0.4
  xdotool mousemove 60 131 click 1                    # the second lab of the rail: the sliding window
  sleep 0.4
  xdotool key --delay 80 End Left Left                # outputs 7, 6, 5
  look dark.png first.png
  xdotool mousemove 600 300 click --delay 60 4        # the wheel over the stage zooms it
  look zoomed.png dark.png
  xdotool mousemove 60 500 click --repeat 30 --delay 1 1 key 3  # more at once than a frame can take, then still
  wait
}
if [[ ${2:-} == --on-this-screen ]]; then
  drive
  cp "$session" "$work/driven.json"
  crash
  exit
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
session=$work/state/vitrine/session.json
export XDG_STATE_HOME=$work/state XDG_DATA_HOME=$work/data work session program=$1
xvfb-run -a -s '-screen 0 1440x900x24 -noreset' "$0" "$1" --on-this-screen || fail "the window could not be driven"

colors() { convert "$work/$1" -format '%k' info:; }
[[ $(colors dark.png) -gt 200 ]] || fail "the window shows next to nothing: $(colors dark.png) colours"
[[ $(differing first.png dark.png) -gt 20000 ]] || fail "the first start does not offer the tour"
[[ $(differing dark.png zoomed.png) -gt 5000 ]] || fail "the wheel did not zoom"
[[ -f $work/driven.json ]] || fail "no session was saved"
grep -q '"lab": "one-matrix"' "$work/driven.json" || fail "a key behind a burst of clicks was lost"
grep -A 60 '"sliding-window"' "$work/driven.json" | grep -q '"t": 4' || fail "a click on the rail, End, Left, Left did not end at the fifth output"
grep -q 'first frame' "$work/log" || fail "the window did not close by itself"
grep -q '"lab": "layer-sizes"' "$work/saved.json" || fail "what was done before the window was killed is lost"
cmp -s "$work/saved.json" "$work/unanswered.json" || fail "a question that was not answered cost the session"
[[ $(differing asks.png restored.png) -gt 20000 ]] || fail "the window does not ask"
grep -q '"lab": "layer-sizes"' "$session" || fail "the session is not restored"
echo "window_test: passed"
