import { expect, test } from 'vitest'
import type { Alert } from '../../alerts/alert.ts'
import { wallboardOf } from '../../wallboard/wallboard.ts'
import { numbersOf } from './television-routes.ts'

const at = '2026-03-02T12:00:00.000Z'

test('a screen on a wall is sent numbers alone: no name, no conversation, and no word of an alert’s reason', () => {
  const alert: Alert = {
    id: 'one',
    rule: 'waiting too long',
    reason: 'Tell Dona Rita of the branch in Recife',
    figure: 'waiting',
    over: null,
    limit: 1,
    isBelow: false,
    value: 2,
    queue: 'cards',
    team: null,
    since: at,
    openedAt: at,
    endedAt: null,
    acknowledgedAt: at,
    acknowledgedBy: 'p07',
    conversationId: 'c1',
  }
  const sent = numbersOf(
    wallboardOf({
      now: new Date(at),
      position: '7',
      behindSeconds: 0,
      counts: [],
      figures: undefined,
      agents: [],
      alerts: [alert],
      queues: [],
      teams: [],
      vendors: [],
      flows: [],
      seesAll: true,
      isWhole: true,
      narrowedBy: [],
      team: undefined,
      queue: undefined,
      vendor: undefined,
      flow: undefined,
    }),
  )
  expect(sent.alerts).toEqual([{ ...alert, reason: '', acknowledgedBy: null, conversationId: null }])
  expect(JSON.stringify(sent)).not.toMatch(/Rita|p07|c1/)
})
