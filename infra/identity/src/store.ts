import { LRUCache } from 'lru-cache'
import type { Adapter, AdapterPayload } from 'oidc-provider'

/** Sign-ins under way and sessions; the provider's own store in memory holds 1,000 things, which is two seconds of a load test. */
const THINGS_MAX = 100_000

/** What the provider remembers, in memory: after a restart everybody signs in once more. */
export function memoryStore(): (model: string) => Adapter {
  const things = new LRUCache<string, AdapterPayload>({ max: THINGS_MAX })
  const idsByUid = new LRUCache<string, string>({ max: THINGS_MAX })

  return (model) => {
    const keyOf = (id: string): string => `${model}:${id}`
    const find = async (id: string) => things.get(keyOf(id))
    return {
      find,
      async upsert(id, payload, expiresIn) {
        const life = expiresIn === undefined ? {} : { ttl: expiresIn * 1_000 }
        things.set(keyOf(id), payload, life)
        if (payload.uid !== undefined) idsByUid.set(keyOf(payload.uid), id, life)
      },
      async findByUid(uid) {
        const id = idsByUid.get(keyOf(uid))
        return id === undefined ? undefined : find(id)
      },
      // Of device codes, which are not served.
      findByUserCode: async () => undefined,
      async consume(id) {
        const payload = things.get(keyOf(id))
        if (payload !== undefined) payload['consumed'] = Math.floor(Date.now() / 1_000)
      },
      destroy: async (id) => void things.delete(keyOf(id)),
      async revokeByGrantId(grantId) {
        for (const [key, payload] of things.entries())
          if (payload['grantId'] === grantId && key.startsWith(`${model}:`)) things.delete(key)
      },
    }
  }
}
