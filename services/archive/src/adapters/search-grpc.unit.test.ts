import type { Position } from '@parley/eventlog'
import { expect, test } from 'vitest'
import { Windows } from '../metrics/windows.ts'
import { type SearchServed, searchGrpc } from './search-grpc.ts'

/** Just behind a company's midnight. */
const NOW = new Date('2026-03-03T03:00:01.000Z')

test('what a number of days that are just over opens waits for what was opened in their last seconds; of days long gone, and of what no figure counts, nobody waits', async () => {
  const waitedFor: string[] = []
  let isHeld = true
  const { handlers } = searchGrpc({
    search: async () => ({ found: [], next: undefined }),
    projection: {
      progress: () => new Map(),
      async whenProcessed({ partition, offset }: Position) {
        waitedFor.push(`${partition}:${offset}`)
        return isHeld
      },
    },
    // The second partition is empty.
    offsets: async () => [{ end: 8n }, { end: 0n }],
    people: { scopeOf: async () => ({ kind: 'all' }), readsFigures: async () => true },
    counting: {
      conversations: { model: { counted: { find: () => ({ limit: () => ({ toArray: async () => [] }) }) } } },
      windows: new Windows('America/Sao_Paulo'),
      roster: { teams: new Map(), people: new Map() },
    },
    now: () => NOW,
  } as unknown as SearchServed)
  const asked = async (from: string | undefined, to: string | undefined, metric?: string) => {
    waitedFor.splice(0)
    const { isBehind } = await (
      handlers['searchConversations'] as (...call: unknown[]) => Promise<{ isBehind: boolean }>
    )(
      {
        text: '',
        agentId: '',
        queue: '',
        reason: '',
        scoreBelow: 0,
        pageSize: 0,
        pageToken: '',
        from,
        to,
        among: undefined,
        countedBy: metric === undefined ? undefined : { metric, by: '', keys: [], isDenominator: false },
      },
      { get: () => [] },
      { signal: new AbortController().signal, person: 'p01' },
    )
    return [...waitedFor, isBehind]
  }
  const [yesterday, midnight] = ['2026-03-02T03:00:00.000Z', '2026-03-03T03:00:00.000Z']
  expect(await asked(yesterday, undefined, 'closed')).toEqual(['0:7', false])
  expect(await asked(yesterday, midnight, 'closed')).toEqual(['0:7', false])
  expect(await asked('2026-03-01T03:00:00.000Z', yesterday, 'closed')).toEqual([false])
  expect(await asked(yesterday, undefined)).toEqual([false])
  // Who waits in vain is told that something may be missing.
  isHeld = false
  expect(await asked(yesterday, undefined, 'closed')).toEqual(['0:7', true])
  expect(await asked(yesterday, undefined)).toEqual([false])
})
