import { expect, test } from 'vitest'
import { QUIET, acknowledged, heard, judge } from './judging.ts'
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
