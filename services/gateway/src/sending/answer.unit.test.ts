import { expect, test } from 'vitest'
import { verdictOf } from './answer.ts'

const answered = (status: number, json: unknown) => verdictOf({ outcome: 'answered', status, json })
const graphError = (code: number) => ({ error: { message: `(#${code}) x`, type: 'OAuthException', code } })

test('an accepted message has an id', () => {
  const json = { messaging_product: 'whatsapp', contacts: [{ wa_id: '1' }], messages: [{ id: 'wamid.OUT' }] }
  expect(answered(200, json)).toEqual({ action: 'sent', providerId: 'wamid.OUT' })
})

test.each([
  [[0, 190, 3, 10, 200, 299, 131031, 368, 131042, 131045, 131037], 'stop'],
  [[4, 80007, 130429, 131057], 'slow'],
  [[131056], 'retryPair'],
  [[131000, 131016, 1, 2, 131053], 'retry'],
  [
    [
      131047, 131026, 131049, 131050, 130472, 131051, 131052, 131021, 131062, 137000, 131048, 131064, 130497,
      131008,
    ].concat([
      131009, 100, 33, 132000, 132001, 132005, 132007, 132008, 132012, 132015, 132016, 132068, 132069,
    ]),
    'failed',
  ],
])('codes %j: %s', (codes, action) => {
  for (const code of codes) {
    expect(answered(400, graphError(code))).toMatchObject({ action, code })
    // The code counts, not the status beside it.
    expect(answered(500, graphError(code))).toMatchObject({ action, code })
  }
})

test.each([
  ['200 without an id', 200, { messaging_product: 'whatsapp' }],
  ['200 that is no JSON', 200, undefined],
  ['500 that is no JSON', 500, undefined],
  ['502 of a proxy', 502, undefined],
  ['504', 504, {}],
  ['500 with a code that nobody knows', 500, graphError(424242)],
  ['a request that timed out', 408, undefined],
  ['a redirect', 302, undefined],
])('%s is uncertain: it may have been taken', (_, status, json) => {
  expect(answered(status, json)).toEqual({ action: 'uncertain' })
})

test.each([
  ['an unknown code', 400, graphError(424242), { action: 'failed', code: 424242 }],
  ['no Graph error', 404, undefined, { action: 'failed', code: 404 }],
  ['too many requests, said by a proxy', 429, undefined, { action: 'slow' }],
  ['not allowed, said by a proxy', 401, undefined, { action: 'stop', code: 401 }],
])('a 4xx with %s', (_, status, json, verdict) => {
  expect(answered(status, json)).toMatchObject(verdict)
})

test('what never left may go again; what left without an answer may not', () => {
  expect(verdictOf({ outcome: 'notSent', reason: 'ECONNREFUSED' })).toMatchObject({ action: 'slow' })
  expect(verdictOf({ outcome: 'lost', reason: 'ECONNRESET' })).toEqual({ action: 'uncertain' })
})
