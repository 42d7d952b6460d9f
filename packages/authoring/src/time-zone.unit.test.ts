import { expect, test } from 'vitest'
import { isTimeZone } from './time-zone.ts'

test.each(['America/Sao_Paulo', 'Asia/Kolkata', 'Asia/Dhaka', 'UTC'])('%s is a time zone', (name) => {
  expect(isTimeZone(name)).toBe(true)
})

test.each(['Mars/Olympus', 'Sao Paulo', ''])('"%s" is none', (name) => {
  expect(isTimeZone(name)).toBe(false)
})
