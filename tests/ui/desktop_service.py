"""Stand-in for a desktop on a D-Bus session bus: tray, notifications, and a client of the accessibility bus.

Run by the system's Python, which has PyGObject: `python3 desktop_service.py`. Commands are read from stdin, one per line; answers
and events are written to stdout as JSON lines.

| command | answer or effect |
|---|---|
| `tray on`, `tray off` | show or remove the system tray |
| `tooltip` | the title of the icon's tooltip |
| `menu` | the labels of the icon's menu |
| `click LABEL` | press an entry of the icon's menu |
| `activate` | click on the icon |
| `tree` | the accessible objects of the program as (role, name, description) |
| `listen` | events of the accessibility bus follow as announcements |
"""

from __future__ import annotations

import json
import sys
from typing import Any

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402 - the version comes first

_INTERFACES = Gio.DBusNodeInfo.new_for_xml("""
<node>
  <interface name="org.kde.StatusNotifierWatcher">
    <method name="RegisterStatusNotifierItem"><arg type="s" direction="in"/></method>
    <method name="RegisterStatusNotifierHost"><arg type="s" direction="in"/></method>
    <property name="IsStatusNotifierHostRegistered" type="b" access="read"/>
    <property name="RegisteredStatusNotifierItems" type="as" access="read"/>
    <property name="ProtocolVersion" type="i" access="read"/>
  </interface>
  <interface name="org.freedesktop.Notifications">
    <method name="Notify">
      <arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/>
      <arg type="s" direction="in"/><arg type="as" direction="in"/><arg type="a{sv}" direction="in"/>
      <arg type="i" direction="in"/><arg type="u" direction="out"/>
    </method>
    <method name="CloseNotification"><arg type="u" direction="in"/></method>
    <method name="GetCapabilities"><arg type="as" direction="out"/></method>
    <method name="GetServerInformation">
      <arg type="s" direction="out"/><arg type="s" direction="out"/><arg type="s" direction="out"/><arg type="s" direction="out"/>
    </method>
  </interface>
</node>""")
_WATCHER, _NOTIFICATIONS = "org.kde.StatusNotifierWatcher", "org.freedesktop.Notifications"
_ITEM, _MENU, _ACCESSIBLE = "org.kde.StatusNotifierItem", "com.canonical.dbusmenu", "org.a11y.atspi.Accessible"
_TIMEOUT_MS = 20_000


def write(**values: object) -> None:
    """Write a JSON line."""
    sys.stdout.write(f"{json.dumps(values)}\n")
    sys.stdout.flush()


def call(bus: Any, name: str, path: str, interface: str, method: str, signature: str = "", *values: object) -> tuple[Any, ...]:
    """Call a method and return its values.

    The tray and the notifications answer meanwhile: a program that waits for them would not answer this call.
    """
    arguments = GLib.Variant(signature, values) if signature else None
    answers: list[Any] = []
    flags = Gio.DBusCallFlags.NONE
    bus.call(name, path, interface, method, arguments, None, flags, _TIMEOUT_MS, None, lambda _, answer: answers.append(answer))
    while not answers:
        GLib.MainContext.default().iteration(True)
    return tuple(bus.call_finish(answers[0]).unpack())


def read_property(bus: Any, name: str, path: str, interface: str, key: str) -> Any:
    """Return a property."""
    return call(bus, name, path, "org.freedesktop.DBus.Properties", "Get", "(ss)", interface, key)[0]


class Desktop:
    """Tray and notifications."""

    def __init__(self) -> None:
        self._bus = Gio.bus_get_sync(Gio.BusType.SESSION, None)
        self._item = "", "/StatusNotifierItem"
        self._tray = 0
        self._notifications = 0
        self._accessibility: Any = None
        for interface in (_WATCHER, _NOTIFICATIONS):
            path = "/StatusNotifierWatcher" if interface == _WATCHER else "/org/freedesktop/Notifications"
            self._bus.register_object(path, _INTERFACES.lookup_interface(interface), self._on_call, self._on_get, None)
        Gio.bus_own_name_on_connection(self._bus, _NOTIFICATIONS, Gio.BusNameOwnerFlags.NONE, None, None)

    def _on_call(self, _bus: Any, sender: str, _path: str, _interface: str, method: str, arguments: Any, invocation: Any) -> None:
        answers: dict[str, Any] = {
            "GetCapabilities": GLib.Variant("(as)", (["body"],)),
            "GetServerInformation": GLib.Variant("(ssss)", ("test", "facecam", "1", "1.2")),
        }
        values = arguments.unpack()
        if method == "RegisterStatusNotifierItem":
            self._item = (sender, values[0]) if values[0].startswith("/") else (values[0], "/StatusNotifierItem")
            write(event="icon")
        elif method == "Notify":
            self._notifications += 1
            answers["Notify"] = GLib.Variant("(u)", (self._notifications,))
            write(event="notification", title=values[3], text=values[4])
        invocation.return_value(answers.get(method))

    def _on_get(self, _bus: Any, _sender: str, _path: str, _interface: str, key: str) -> Any:
        values = {
            "IsStatusNotifierHostRegistered": GLib.Variant("b", True),
            "RegisteredStatusNotifierItems": GLib.Variant("as", []),
            "ProtocolVersion": GLib.Variant("i", 0),
        }
        return values[key]

    def set_tray(self, on: str) -> str:
        """Own the tray's name, or release it."""
        if on == "on":
            self._tray = Gio.bus_own_name_on_connection(self._bus, _WATCHER, Gio.BusNameOwnerFlags.NONE, None, None)
        else:
            Gio.bus_unown_name(self._tray)
        return on

    def tooltip(self, _: str) -> str:
        """Return the title of the icon's tooltip."""
        return str(read_property(self._bus, *self._item, _ITEM, "ToolTip")[2])

    def activate(self, _: str) -> str:
        """Click on the icon."""
        self._send(*self._item, _ITEM, "Activate", GLib.Variant("(ii)", (0, 0)))
        return ""

    def menu(self, _: str) -> list[str]:
        """Return the labels of the menu."""
        return list(self._entries())

    def click(self, label: str) -> str:
        """Press an entry of the menu."""
        entry = self._entries()[label]
        variant = GLib.Variant("(isvu)", (entry, "clicked", GLib.Variant("s", ""), 0))
        path = read_property(self._bus, *self._item, _ITEM, "Menu")
        self._send(self._item[0], path, _MENU, "Event", variant)
        return label

    def _send(self, name: str, path: str, interface: str, method: str, arguments: Any) -> None:
        """Call a method without waiting: while the program acts, it may ask this desktop something."""
        self._bus.call(name, path, interface, method, arguments, None, Gio.DBusCallFlags.NONE, _TIMEOUT_MS, None, None)

    def _entries(self) -> dict[str, int]:
        path = read_property(self._bus, *self._item, _ITEM, "Menu")
        _, (_, _, children) = call(self._bus, self._item[0], path, _MENU, "GetLayout", "(iias)", 0, -1, [])
        return {entry[1]["label"].replace("_", ""): entry[0] for entry in children if "label" in entry[1]}

    def tree(self, _: str) -> list[tuple[str, str, str]]:
        """Return role, name and description of all objects of the programs on the accessibility bus."""
        bus = self._accessibility_bus()
        found: list[tuple[str, str, str]] = []

        def visit(name: str, path: str) -> None:
            role = call(bus, name, path, _ACCESSIBLE, "GetRoleName")[0]
            texts = [read_property(bus, name, path, _ACCESSIBLE, key) for key in ("Name", "Description")]
            found.append((role, *texts))
            for child in call(bus, name, path, _ACCESSIBLE, "GetChildren")[0]:
                visit(*child)

        root = "org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root"
        for program in call(bus, *root, _ACCESSIBLE, "GetChildren")[0]:
            visit(*program)
        return found

    def listen(self, _: str) -> str:
        """Report announcements from now on."""
        bus = self._accessibility_bus()
        registry = "org.a11y.atspi.Registry", "/org/a11y/atspi/registry", "org.a11y.atspi.Registry"
        call(bus, *registry, "RegisterEvent", "(sass)", "object:announcement", [], "")

        def on_event(*arguments: Any) -> None:
            detail, politeness, _, text, *_ = arguments[5].unpack()
            write(event="announcement", text=text, politeness=politeness, detail=detail)

        flags = Gio.DBusSignalFlags.NONE
        bus.signal_subscribe(None, "org.a11y.atspi.Event.Object", "Announcement", None, None, flags, on_event)
        return ""

    def _accessibility_bus(self) -> Any:
        if self._accessibility is None:
            address = call(self._bus, "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress")[0]
            flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
            self._accessibility = Gio.DBusConnection.new_for_address_sync(address, flags, None, None)
        return self._accessibility


def main() -> None:
    """Serve until stdin is closed."""
    desktop, loop = Desktop(), GLib.MainLoop()
    commands = {
        "tray": desktop.set_tray,
        "tooltip": desktop.tooltip,
        "menu": desktop.menu,
        "click": desktop.click,
        "activate": desktop.activate,
        "tree": desktop.tree,
        "listen": desktop.listen,
    }

    def on_line(source: Any, _condition: Any) -> bool:
        line = source.readline()
        if not line:
            loop.quit()
            return False
        command, _, argument = line.strip().partition(" ")
        try:
            write(answer=commands[command](argument))
        except (GLib.Error, KeyError) as error:
            write(error=str(error))
        return True

    GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, GLib.IOCondition.IN | GLib.IOCondition.HUP, on_line)
    write(event="ready")
    loop.run()


if __name__ == "__main__":
    main()
