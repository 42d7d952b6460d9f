import { expect, test } from 'vitest'
import { type PersonSettings, SettingsOfPerson } from './settings.ts'

/** A service that answers each request when the test says so. */
function service() {
  const told: PersonSettings[] = []
  const answers: { readonly done: () => void; readonly fails: () => void }[] = []
  const own = new SettingsOfPerson(
    (changed) =>
      new Promise((done, reject) => {
        told.push(changed)
        answers.push({ done, fails: () => reject(new Error('no line')) })
      }),
  )
  return { own, told, answers }
}

test('a change tells what it changes, and nothing that another window may have changed', async () => {
  const { own, told } = service()
  own.choose({ language: 'bn', notifications: true })
  expect(told).toEqual([{ language: 'bn' }])
  own.choose({ notifications: false })
  expect(told).toHaveLength(1)
})

test('of changes that follow each other the last one holds: one is told at a time', async () => {
  const { own, told, answers } = service()
  own.choose({ language: 'bn' })
  own.choose({ language: 'pt' })
  own.choose({ scheme: 'dark' })
  expect(told).toEqual([{ language: 'bn' }])
  answers[0]!.done()
  await expect.poll(() => told.slice(1)).toEqual([{ language: 'pt', scheme: 'dark' }])
})

test('what was not taken is told with the next change, in which the later choice holds', async () => {
  const { own, told, answers } = service()
  own.choose({ language: 'bn', sound: false })
  answers[0]!.fails()
  await expect
    .poll(() => {
      own.choose({ language: 'pt' })
      return told.at(-1)
    })
    .toEqual({ language: 'pt', sound: false })
})

test('what was chosen while the service was being asked is not taken back by its answer', () => {
  const { own } = service()
  own.choose({ language: 'bn' })
  expect(own.over({ language: 'pt', density: 'compact' })).toEqual({ language: 'bn', density: 'compact' })
})
