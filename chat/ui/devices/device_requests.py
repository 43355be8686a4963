"""What the dialogs about devices ask for: typed requests."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from chat.model.devices import Device


@dataclass(frozen=True, slots=True)
class ShowDevices:
    """Show the list of the devices."""


@dataclass(frozen=True, slots=True)
class AddDevice:
    """Make a link for another device."""


@dataclass(frozen=True, slots=True)
class AskForName:
    """Ask for another name of a device."""

    device: Device


@dataclass(frozen=True, slots=True)
class RenameDevice:
    """Give a device this name."""

    device: Device
    label: str


@dataclass(frozen=True, slots=True)
class SignOutDevice:
    """Ask whether a device is to be signed out."""

    device: Device


@dataclass(frozen=True, slots=True)
class SignOutOthers:
    """Ask whether all devices but this one are to be signed out."""


@dataclass(frozen=True, slots=True)
class ConfirmNumber:
    """The new device shows this number."""

    number: str


@dataclass(frozen=True, slots=True)
class WithdrawLink:
    """The link for another device ends."""


DeviceRequest = (
    ShowDevices
    | AddDevice
    | AskForName
    | RenameDevice
    | SignOutDevice
    | SignOutOthers
    | ConfirmNumber
    | WithdrawLink
)

# Runs a request; it may raise ChatError.
PerformDeviceRequest = Callable[[DeviceRequest], Awaitable[None]]
