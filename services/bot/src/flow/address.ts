import { isPublic } from '@parley/outbound/public-address'
import ipaddr from 'ipaddr.js'
import { fillIn } from './templates.ts'

/**
 * The address of a call. Which server is called (scheme, host and port) is said by the flow's author, never by a customer: a call may
 * carry a secret in its headers, and whoever chooses the server gets it. So variables stand only behind the first `/`, `?` or `#`.
 */

const SERVER = String.raw`https?:\/\/[^/?#\\@\s{}]+`
/** A server written out or one name of the environment, then nothing or what begins a path, a query or a fragment. */
const TEMPLATE = new RegExp(String.raw`^(?:${SERVER}|\{\{\s*(env\.[A-Z0-9_]+)\s*\}\})(?=[/?#]|$)`, 'i')
/** What a name of the environment may stand for: a server, perhaps with a path. */
const BASE = new RegExp(String.raw`^${SERVER}(?=[/?#]|$)[^\s{}]*$`, 'i')

/**
 * What is wrong with an address as the flow writes it, in words that go on after "the address"; undefined when nothing is.
 * @param privateHosts the flow's list, see `isPrivateAndUnlisted`
 * @param environment values that are known while the flow is checked; what is not known is looked at when the call is made
 */
export function mistakeInAddress(
  template: string,
  privateHosts: readonly string[],
  environment: Readonly<Record<string, string>>,
): string | undefined {
  const written = TEMPLATE.exec(template)
  if (written === null)
    return 'begins with http:// or https:// and a server written out, or with {{env.FLOW_…}}; variables come behind the first /, ? or #'
  const rest = fillIn(template.slice(written[0].length), () => 'x')
  if (hasDotSegment(`http://x${rest}`))
    return 'has a part "." or ".." in its path: write the path that is meant'
  const name = written[1]?.slice('env.'.length)
  if (name !== undefined && !Object.hasOwn(environment, name)) return undefined
  const base = name === undefined ? written[0] : environment[name]!
  if (!BASE.test(base)) return `begins with ${name}, whose value is no http:// or https:// and a server`
  const url = URL.parse(base + rest)
  if (url === null) return 'is none: its server or port cannot be read'
  if (isPrivateAndUnlisted(hostOf(url), privateHosts))
    return 'is one of a private network: name its host under "private_hosts" of this flow if it is meant'
  return undefined
}

/**
 * The address to call, or undefined when it is not one that the flow as written may call. All but a leading name of the environment is
 * encoded, so that a value is one part of a path or of a query and never more than that.
 */
export function filledAddress(
  template: string,
  privateHosts: readonly string[],
  value: (name: string) => string,
): string | undefined {
  const written = TEMPLATE.exec(template)
  if (written === null) return undefined
  const base = written[1] === undefined ? written[0] : value(written[1])
  if (!BASE.test(base)) return undefined
  const filled =
    base + fillIn(template.slice(written[0].length), (name) => encodeURIComponent(value(name).toWellFormed()))
  const server = URL.parse(base)
  const url = URL.parse(filled)
  if (server === null || url === null || url.origin !== server.origin) return undefined
  if (url.username !== '' || url.password !== '') return undefined
  if (hasDotSegment(filled) || isPrivateAndUnlisted(hostOf(url), privateHosts)) return undefined
  return url.href
}

/**
 * What URL takes for `.` and `..`, by which a value would climb out of the path it was put into; and what a server takes for them that
 * decodes a path before it looks for them, as nginx does.
 */
function hasDotSegment(address: string): boolean {
  const [path = ''] = address.replace(/^https?:\/\/[^/?#]*/i, '').split(/[?#]/)
  return path.split(/[/\\]|%2f|%5c/i).some((part) => /^(?:\.|%2e){1,2}$/i.test(part))
}

/** Without the brackets of an IPv6 address, and without the dot of a name's root: `localhost.` is `localhost`. */
const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$|\.$/g, '')

/**
 * Whether this is an address that only machines inside can reach (a private network, this machine, a cloud's metadata), and one that
 * the flow does not name. A name whose address is not known yet is not private, except `localhost`.
 * @param privateHosts host names, addresses, and networks written as 10.20.0.0/16
 */
export function isPrivateAndUnlisted(host: string, privateHosts: readonly string[]): boolean {
  if (privateHosts.includes(host.toLowerCase())) return false
  if (host === 'localhost' || host.endsWith('.localhost')) return true
  if (!ipaddr.isValid(host)) return false
  if (isPublic(host)) return false
  const address = ipaddr.process(host)
  return !privateHosts.some((listed) => {
    if (!ipaddr.isValidCIDR(listed)) return ipaddr.isValid(listed) && isSame(ipaddr.process(listed), address)
    const [network, bits] = ipaddr.parseCIDR(listed)
    return network.kind() === address.kind() && address.match(network, bits)
  })
}

const isSame = (left: ipaddr.IPv4 | ipaddr.IPv6, right: ipaddr.IPv4 | ipaddr.IPv6) =>
  left.toNormalizedString() === right.toNormalizedString()

/** Whether `private_hosts` may name it. */
export const isHostOrNetwork = (text: string): boolean =>
  text.includes('/')
    ? ipaddr.isValidCIDR(text)
    : ipaddr.isValid(text) || /^[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?$/.test(text)
