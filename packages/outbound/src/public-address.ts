import ipaddr from 'ipaddr.js'

/**
 * Whether this is an address of the public internet. Of IPv6 nothing but 2000::/3 is given out for the world
 * (https://www.iana.org/assignments/ipv6-address-space). What else is in no list of special addresses leads nowhere, or inside: `::10.0.0.1`
 * to a machine that has tunnels, another prefix to a company's own translator.
 */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.process(address)
  return parsed.range() === 'unicast' && (!(parsed instanceof ipaddr.IPv6) || parsed.match(GIVEN_OUT))
}
const GIVEN_OUT = ipaddr.IPv6.parseCIDR('2000::/3')
