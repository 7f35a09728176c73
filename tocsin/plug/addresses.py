"""Which network addresses may be connected to. Pure: numbers in, a reason out."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Python calls these global, but they belong to protocols, or carry addresses that are not (NAT64, 6to4, Teredo).
_SPECIAL = tuple(
    map(
        ipaddress.ip_network,
        ("192.0.0.0/24", "192.88.99.0/24", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"),
    )
)
# Where clouds hand out credentials: open only to who names the very network.
_METADATA = tuple(map(ipaddress.ip_network, ("169.254.0.0/16", "fe80::/10", "fd00:ec2::/32", "100.100.100.200/32")))
_PRIVATE = tuple(
    map(
        ipaddress.ip_network,
        ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1/128", "fc00::/7"),
    )
)


def check_address(address: str, allow: bool | Sequence[str] = False) -> str:
    """Why this address must not be connected to, or an empty string.

    ``allow`` True lets private and loopback addresses pass (never link-local ones); a list of networks lets exactly
    those pass besides the public ones.
    """
    ip: _Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    if not isinstance(allow, bool) and _is_in(ip, map(_network, allow)):
        return ""
    if _is_in(ip, _METADATA):
        return f"{address} is a link-local or metadata address"
    if allow is True and _is_in(ip, _PRIVATE):
        return ""
    if not ip.is_global or ip.is_multicast or _is_in(ip, _SPECIAL):
        return f"{address} is not a public address"
    return ""


def check_networks(networks: Iterable[str]) -> None:
    """Raises `ValueError` with a sentence for the first that is not a network; for plugins' ``__post_init__``."""
    for text in networks:
        _network(text)


def _network(text: str) -> _Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise ValueError(f"{error}; write a network as 10.1.0.0/16.") from None


def _is_in(ip: _Address, networks: Iterable[_Network]) -> bool:
    return any(ip in network for network in networks if network.version == ip.version)
