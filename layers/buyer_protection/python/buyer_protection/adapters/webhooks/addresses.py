"""Which addresses of the network a webhook may reach: public ones only, so that no URL leads to what is behind us.

A name is resolved once; what is connected to is the address that was checked, not the name again.
"""

import ipaddress
import socket
from collections.abc import Sequence

from buyer_protection.domain.webhooks import SendError

_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
# Addresses that contain, or lead to, an IPv4 address of their own, and what is for documents only.
_CARRIERS = tuple(ipaddress.ip_network(text) for text in ("2002::/16", "2001::/23", "3fff::/20"))
_RELAYS = ipaddress.ip_network("192.88.99.0/24")


class NoAddressError(Exception):
    """There is no address to connect to; `error` says why."""

    def __init__(self, error: SendError) -> None:
        super().__init__(error.value)
        self.error = error


def is_public(address: str) -> bool:
    """Whether the address is of the public internet: not private, loopback, link-local, multicast, reserved, and no
    IPv6 form of an IPv4 address (mapped, 6to4, Teredo, NAT64)."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if not found.is_global or found.is_multicast or found.is_reserved or found.is_unspecified:
        return False
    if isinstance(found, ipaddress.IPv4Address):
        return found not in _RELAYS
    return found in _GLOBAL_UNICAST and not any(found in carrier for carrier in _CARRIERS)


def is_address(host: str) -> bool:
    """Whether the host is an address itself, in any form that a resolver takes for one (`127.1`, `0x7f000001`)."""
    try:
        socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        # An empty or too long label has no form of the DNS at all.
        return False
    return True


class Targets:
    """Which hosts an endpoint may have (port of `actions.webhooks`); all of them on one's own machine."""

    def __init__(self, *, any_address: bool = False) -> None:
        self._any_address = any_address

    def refuses(self, scheme: str, host: str) -> bool:
        """No HTTPS, a name without a domain, or an address that is not public. Names are resolved when it is sent."""
        if self._any_address:
            return False
        if is_address(host):
            return scheme != "https" or not all(map(is_public, resolved(host, 443, any_address=True)))
        return scheme != "https" or "." not in host.strip(".")


def resolved(host: str, port: int, *, any_address: bool) -> Sequence[str]:
    """The addresses of the host, IPv4 first. Raises NoAddressError where there is none, or where one is not public."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NoAddressError(SendError.NAME_NOT_FOUND) from None
    by_family = sorted(found, key=lambda it: it[0] != socket.AF_INET)
    addresses = list(dict.fromkeys(str(it[4][0]) for it in by_family))
    if not addresses:
        raise NoAddressError(SendError.NAME_NOT_FOUND)
    if not any_address and not all(is_public(address) for address in addresses):
        raise NoAddressError(SendError.ADDRESS_REFUSED)
    return addresses
