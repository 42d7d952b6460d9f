import { expect, test } from 'vitest'
import { QUIET, acknowledged, heard, isRoundedAcross, judge } from './judging.ts'
import type { Numbers } from './shapes.ts'

const numbers: Numbers = {
  withRobot: 0,
  waiting: 0,
  offered: 0,
  withAgent: 0,
  parked: 0,
  longestWaitSeconds: 0,
  serviceLevelPercent: null,
  abandonedPercent: null,
  handledToday: null,
  containmentPercent: null,
  sendsFailed: 0,
  sendsUncertain: 0,
}
const targets = {
  waitingMax: 10,
  longestWaitSecondsMax: 120,
  serviceLevelPercentMin: 80,
  abandonedPercentMax: 5,
}

test('a number is good, near its limit, beyond it, or compared with nothing', () => {
  expect(judge(numbers, targets)).toEqual({
    waiting: 'good',
    longestWait: 'good',
    serviceLevel: null,
    abandoned: null,
    containment: null,
  })
  const verdicts = judge(
    { ...numbers, waiting: 8, longestWaitSeconds: 121, serviceLevelPercent: 79.9, abandonedPercent: 5 },
    targets,
  )
  expect(verdicts).toMatchObject({
    waiting: 'near',
    longestWait: 'breach',
    serviceLevel: 'breach',
    abandoned: 'near',
  })
  expect(judge({ ...numbers, serviceLevelPercent: 80 }, targets).serviceLevel).toBe('near')
  expect(judge({ ...numbers, serviceLevelPercent: 100 }, { serviceLevelPercentMin: 100 }).serviceLevel).toBe(
    'good',
  )
  expect(judge({ ...numbers, containmentPercent: 1 }, targets).containment).toBeNull()
})

test('a breach sounds once until it is seen, however often it comes and goes; after that only a new one sounds', () => {
  const first = heard(QUIET, ['waiting'])
  expect(first.sounds).toBe(true)
  const again = heard(first.alarm, ['waiting'])
  expect(again.sounds).toBe(false)
  const came = heard(heard(again.alarm, []).alarm, ['waiting'])
  expect(came).toMatchObject({ sounds: false, alarm: { unseen: ['waiting'] } })
  expect(heard(came.alarm, ['waiting', 'abandoned']).sounds).toBe(true)
  const seen = acknowledged(came.alarm, ['waiting'])
  expect(seen).toEqual({ unseen: [], seen: ['waiting'] })
  expect(heard(seen, ['waiting']).sounds).toBe(false)
  expect(heard(heard(seen, []).alarm, ['waiting']).sounds).toBe(true)
})

test('what waits is judged as it is shown: with what is being offered', () => {
  expect(judge({ ...numbers, waiting: 9, offered: 2 }, targets).waiting).toBe('breach')
})

test('on a wall, where nobody says that they saw it, a breach that settled sounds when it comes again, and one that flickers does not', () => {
  const first = heard(QUIET, ['waiting'])
  const near = heard(first.alarm, [], [])
  expect(heard(near.alarm, ['waiting'], []).sounds).toBe(false)
  const settled = heard(near.alarm, [], ['waiting'])
  expect(settled).toEqual({ alarm: QUIET, sounds: false })
  expect(heard(settled.alarm, ['waiting'], []).sounds).toBe(true)
})

test('a share is told to its decimals where its whole number would be on the other side of the limit', () => {
  expect([79.6, 79.4, 80, 80.4, 81].map((value) => isRoundedAcross(value, 80))).toEqual([
    true,
    false,
    false,
    true,
    false,
  ])
  expect(isRoundedAcross(5.2, 5)).toBe(true)
  expect(isRoundedAcross(79.6, undefined)).toBe(false)
})
