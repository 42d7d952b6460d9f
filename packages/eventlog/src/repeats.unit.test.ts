import { MongoBulkWriteError } from 'mongodb'
import { expect, test } from 'vitest'
import { repeatsIn } from './repeats.ts'

const failed = (...writeErrors: { code: number; index: number }[]): MongoBulkWriteError =>
  Object.assign(Object.create(MongoBulkWriteError.prototype) as MongoBulkWriteError, { writeErrors })

test('repeats of an unordered bulk write are told by their place', () => {
  expect(repeatsIn(failed({ code: 11000, index: 0 }, { code: 11000, index: 3 }))).toEqual([0, 3])
})

test('a bulk write that broke off without write errors is never taken for repeats', () => {
  expect(() => repeatsIn(failed())).toThrow(MongoBulkWriteError)
})

test('another failure beside repeats is thrown on', () => {
  expect(() => repeatsIn(failed({ code: 11000, index: 0 }, { code: 121, index: 1 }))).toThrow(
    MongoBulkWriteError,
  )
})
