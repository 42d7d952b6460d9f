import { throughJson } from '@parley/testkit'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TABLE_CHUNKS, Table, partsOf, stateOf } from './table.ts'

const keyed = fc.oneof(
  fc.nat(400).map((id) => `k${id}`),
  fc.constantFrom('__proto__', 'constructor', 'length', '0', ''),
)
const change = fc.oneof(
  { weight: 3, arbitrary: fc.record({ key: keyed, value: fc.jsonValue() }) },
  { weight: 1, arbitrary: fc.record({ key: keyed }) },
)
type Change = { key: string; value?: unknown }

const changed = (table: Table<unknown>, { key, ...rest }: Change) =>
  'value' in rest ? table.set(key, rest.value) : table.delete(key)

describe('a table', () => {
  test('holds what a map would hold, and no change shows in what it was before', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
        const map = new Map<string, unknown>()
        let table = Table.empty<unknown>()
        const history: [Table<unknown>, Map<string, unknown>][] = []
        for (const one of changes as Change[]) {
          if ('value' in one) map.set(one.key, one.value)
          else map.delete(one.key)
          table = changed(table, one)
          history.push([table, new Map(map)])
        }
        for (const [before, model] of history) {
          expect(new Map(before.entries())).toEqual(model)
          expect(before.size).toBe(model.size)
        }
        for (const { key } of changes) {
          expect(table.get(key)).toEqual(map.get(key))
          expect(table.has(key)).toBe(map.has(key))
        }
      }),
    )
  })

  test('a change leaves all chunks but one the very same objects, and one that changes nothing leaves the table itself', () => {
    const table = Table.of(Array.from({ length: 10_000 }, (_, id) => [`conversation-${id}`, { id }] as const))
    const after = table.set('conversation-7', { id: -7 })
    expect(after.chunks.filter((chunk, at) => chunk !== table.chunks[at]).length).toBe(1)
    expect(after.set('conversation-7', after.get('conversation-7')!)).toBe(after)
    expect(after.delete('nobody')).toBe(after)
  })

  test('spreads its entries: no chunk holds more than three times its share', () => {
    const table = Table.of(Array.from({ length: 10_000 }, (_, id) => [`agent-${id}`, id] as const))
    expect(Math.max(...table.chunks.map(({ keys }) => keys.length))).toBeLessThan((3 * 10_000) / TABLE_CHUNKS)
  })

  test('comes back from JSON as it was, the order of its entries too', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 100 }), fc.jsonValue(), (changes, other) => {
        // -0 is 0 in JSON: no value of a state.
        const table = (JSON.parse(JSON.stringify(changes)) as Change[]).reduce(
          changed,
          Table.empty<unknown>(),
        )
        const state = { table, other: JSON.parse(JSON.stringify(other)) as unknown, none: Table.empty() }
        const back = throughJson(state)
        expect(back).toEqual(state)
        expect([...back.table.entries()]).toEqual([...table.entries()])
        expect(stateOf(partsOf(state))).toEqual(state)
      }),
    )
  })

  test('anywhere but at the top level of a state is refused, not written whole', () => {
    expect(() => throughJson({ deep: { table: Table.empty() } })).toThrow(/top level/)
  })
})
