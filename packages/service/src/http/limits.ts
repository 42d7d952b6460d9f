import { BlockList, type Server, type Socket, isIPv6 } from 'node:net'

export interface ConnectionLimits {
  readonly connectionsMax: number
  readonly connectionsPerAddressMax: number
  /** Not counted by address: everybody comes through them. */
  readonly trustedProxies: readonly string[]
}

/**
 * Refuses connections above a number in all, and above a lower one from one address, so that no single machine can take all of them.
 * Addresses of IPv6 count by their network of 64 bits, which is what one subscriber has.
 */
export function limitConnections(server: Server, limits: ConnectionLimits): void {
  server.maxConnections = limits.connectionsMax
  const proxies = new BlockList()
  for (const network of limits.trustedProxies) {
    const [address = '', bits] = network.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (bits === undefined) proxies.addAddress(address, family)
    else proxies.addSubnet(address, Number(bits), family)
  }

  const open = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const { remoteAddress } = socket
    if (remoteAddress === undefined || proxies.check(remoteAddress, isIPv6(remoteAddress) ? 'ipv6' : 'ipv4'))
      return
    const source = sourceOf(remoteAddress)
    const count = (open.get(source) ?? 0) + 1
    if (count > limits.connectionsPerAddressMax) {
      socket.destroy()
      return
    }
    open.set(source, count)
    socket.once('close', () => {
      const left = (open.get(source) ?? 1) - 1
      if (left === 0) open.delete(source)
      else open.set(source, left)
    })
  })
}

/** `2001:db8:1:2::3` counts as `2001:db8:1:2`; an IPv4 address, also one written as IPv6, as itself. */
export function sourceOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined || !isIPv6(address)) return mapped ?? address
  const [head = '', tail = ''] = (address.split('%', 1)[0] ?? '').split('::')
  const first = head === '' ? [] : head.split(':')
  const last = tail === '' ? [] : tail.split(':')
  const zeros = Array<string>(Math.max(0, 8 - first.length - last.length)).fill('0')
  return [...first, ...zeros, ...last].slice(0, 4).join(':')
}
