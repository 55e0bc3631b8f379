#!/bin/sh
# Install the system libraries of OpenCV and Qt on Debian and Ubuntu; without root, print the command that does.
# `test` adds a virtual display, xdotool, D-Bus with the accessibility bus and PyGObject (8 MB on disk), and a browser for reports
# (Chromium: 360 MB on disk).
# `streams` adds the RTSP server and faketime of the tests (68 MB to download, 219 MB on disk).
set -eu

# Ubuntu's package chromium only installs a snap, so it is left out there.
browser() {
    grep -q '^ID=debian' /etc/os-release && echo chromium || true
}

packages="libgl1 libegl1 libglib2.0-0 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1
libxcb-render-util0 libxcb-shape0 libdbus-1-3 libfontconfig1"
for purpose; do
    case $purpose in
        test) packages="$packages xvfb xauth xdotool dbus at-spi2-core python3-gi $(browser)" ;;
        streams) packages="$packages gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-good faketime" ;;
    esac
done

# Other systems have these libraries in their desktop, or in the wheels (Windows, macOS).
command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || exit 0

# Since 2024 some package names end in t64: libglib2.0-0t64 is libglib2.0-0.
is_installed() {
    dpkg-query -W -f '${db:Status-Status}\n' "$1" "$1t64" 2>/dev/null | grep -qx installed
}

missing=""
for package in $packages; do
    is_installed "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
    echo "facecam needs system libraries that are not installed. Install them and try again:" >&2
    echo "    sudo apt-get update && sudo apt-get install -y --no-install-recommends$missing" >&2
    exit 1
fi
echo "installing system libraries:$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update || echo "apt-get update failed; continuing with the existing package lists" >&2
# shellcheck disable=SC2086 # word splitting is intended
apt-get -qq install -y --no-install-recommends $missing >/dev/null
