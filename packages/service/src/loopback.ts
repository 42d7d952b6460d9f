import { isIP } from 'node:net'

/**
 * This machine alone, by name or address, in brackets or without. Names under localhost are this machine to every browser and resolver
 * (RFC 6761, 6.3).
 */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase()
  if (/^(?:[a-z0-9-]+\.)*localhost$/.test(name)) return true
  return name === '::1' || name === '[::1]' || (isIP(name) === 4 && name.startsWith('127.'))
}
