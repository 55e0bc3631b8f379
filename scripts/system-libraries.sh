#!/bin/sh
# The system libraries that OpenCV and Qt load, on Debian and Ubuntu: installed when we are root, else named.
# With the argument `test` also a display that exists only in memory, a hand that works windows on it, and a browser that opens
# reports (Chromium: 360 MB on the disk); with `streams` also what the tests' RTSP camera and their leaps of the clock take (68 MB to load, 219 MB on the disk).
set -eu

# Ubuntu's package of that name is an empty one that asks for a snap: there a browser is left to who wants one.
browser() {
    grep -q '^ID=debian' /etc/os-release && echo chromium || true
}

packages="libgl1 libegl1 libglib2.0-0 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1
libxcb-render-util0 libxcb-shape0 libdbus-1-3 libfontconfig1"
for purpose; do
    case $purpose in
        test) packages="$packages xvfb xauth xdotool $(browser)" ;;
        streams) packages="$packages gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-good faketime" ;;
    esac
done

# Other systems bring these with their desktop, or with the wheels (Windows, macOS).
command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || exit 0

# Since 2024 some names end in t64: libglib2.0-0t64 is libglib2.0-0.
is_installed() {
    dpkg-query -W -f '${db:Status-Status}\n' "$1" "$1t64" 2>/dev/null | grep -qx installed
}

missing=""
for package in $packages; do
    is_installed "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
    echo "facecam needs system libraries that are not installed. Please run, then try again:" >&2
    echo "    sudo apt-get update && sudo apt-get install -y --no-install-recommends$missing" >&2
    exit 1
fi
echo "installing system libraries:$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update || echo "apt-get update failed; trying with the lists there are" >&2
# shellcheck disable=SC2086 # the list is meant to be split
apt-get -qq install -y --no-install-recommends $missing >/dev/null
