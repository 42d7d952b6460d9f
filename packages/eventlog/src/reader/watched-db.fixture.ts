import type { Db } from 'mongodb'

/** The database, with every call on its collections going through a hand, which may do something else or nothing instead. */
export function watchedDb(
  db: Db,
  hand: (own: () => unknown, call: { readonly collection: string; readonly method: string }) => unknown,
): Db {
  return new Proxy(db, {
    get(target, property) {
      if (property !== 'collection') return Reflect.get(target, property, target) as unknown
      return (collection: string) =>
        new Proxy(target.collection(collection), {
          get(own, key) {
            const value: unknown = Reflect.get(own, key, own)
            if (typeof value !== 'function') return value
            const call = value.bind(own) as (...args: unknown[]) => unknown
            return (...args: unknown[]) => hand(() => call(...args), { collection, method: String(key) })
          },
        })
    },
  })
}
