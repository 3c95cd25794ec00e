import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import ipaddr from "ipaddr.js";

/** The network of one address with its prefix, as the operating system and the registries write it: `192.168.1.7/24`. */
type Network = string;

/** All that was ever given out as global unicast. What lies outside (`::127.0.0.1`, say) may be anything. */
const globalUnicast = "2000::/3";

/** Looks public, and is a service inside a provider's own machines. */
const metadataServices: readonly Network[] = ["168.63.129.16/32"];

/**
 * Whether an address belongs to the public internet: not this machine, not a network it stands in, and none of the ranges set
 * aside for anything but reaching somebody. IPv6 addresses that carry an IPv4 one (mapped, NAT64, 6to4, Teredo) are not: where
 * they end is decided elsewhere. Takes addresses as a resolver writes them; any other spelling is not public.
 */
export function isPublicAddress(text: string, own: readonly Network[] = ownNetworks()): boolean {
  if (isIP(text) === 0 || text.includes("%")) return false;
  if (ipaddr.parse(text).range() !== "unicast") return false;
  if (isIP(text) === 6 && !lies(text, globalUnicast)) return false;
  return ![...metadataServices, ...own].some((network) => lies(text, network));
}

/** With addresses for everybody, the printer and the router have public ones as well. A network that is everything says nothing. */
function ownNetworks(): readonly Network[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.flatMap(({ cidr }) => (cidr === null || cidr.endsWith("/0") ? [] : [cidr]));
}

function lies(text: string, network: Network): boolean {
  const [base, bits] = ipaddr.parseCIDR(network);
  const address = ipaddr.parse(text);
  return address.kind() === base.kind() && address.match(base, bits);
}
