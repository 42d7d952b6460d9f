import type { WayOut } from './way-out.ts'

export type Fetch = typeof globalThis.fetch

/** `fetch` as calls leave the company. Where they go straight it is Node's own, and no other client is loaded. */
export async function fetchBy(wayOut: WayOut, connectTimeoutMs: number): Promise<Fetch> {
  if (wayOut.proxy === undefined) return globalThis.fetch
  const [{ Agent, fetch }, { connectorFor }] = await Promise.all([import('undici'), import('./connector.ts')])
  const dispatcher = new Agent({ connect: connectorFor(wayOut, { timeoutMs: connectTimeoutMs }) })
  const through: unknown = (input: Parameters<typeof fetch>[0], init?: Parameters<typeof fetch>[1]) =>
    fetch(input, { ...init, dispatcher })
  return through as Fetch
}
