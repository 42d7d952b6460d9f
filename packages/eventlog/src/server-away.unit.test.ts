import { createRequire } from 'node:module'
import * as driver from 'mongodb'
import { expect, test } from 'vitest'
import { isServerAway } from './server-away.ts'

/** Not among what it exports. */
const ofConnections = createRequire(import.meta.url)('mongodb/lib/cmap/errors') as Record<string, unknown>

type ErrorClass = new (...args: never[]) => Error

const classes = [...Object.values(driver), ...Object.values(ofConnections)].filter(
  (it): it is ErrorClass => typeof it === 'function' && it.prototype instanceof driver.MongoError,
)
/** Without what it was made of: its name is a getter of its class. */
const errorOf = ({ prototype }: ErrorClass): Error => Object.create(prototype) as Error

test('each error by which the driver says that a connection, a pool or the client is gone says that the server is away', () => {
  const gone = classes.filter(
    ({ prototype, name }) =>
      prototype instanceof driver.MongoNetworkError ||
      ofConnections[name] !== undefined ||
      /(?:Network|Closed|Selection|NotConnected|Timeout)\w*Error$/.test(name),
  )
  expect(gone.length).toBeGreaterThan(8)
  expect(
    gone.filter((it) => !/Crypt/.test(it.name) && !isServerAway(errorOf(it))).map(({ name }) => name),
  ).toEqual([])
})

test.each([
  [64, 'not acknowledged by the majority in time'],
  [100, 'no majority that could acknowledge'],
  [189, 'the primary stepped down'],
  [11602, 'broken off by a fail-over'],
])('a bulk write that ended with %i (%s) is no fault of what it wrote', (code) => {
  const ended = Object.assign(errorOf(driver.MongoBulkWriteError as unknown as ErrorClass), { code })
  expect(isServerAway(ended)).toBe(true)
})

test.each([driver.MongoInvalidArgumentError, driver.MongoServerError, driver.MongoBulkWriteError, TypeError])(
  '%o is a fault of ours, or an answer',
  (it) => {
    expect(isServerAway(errorOf(it as unknown as ErrorClass))).toBe(false)
  },
)
