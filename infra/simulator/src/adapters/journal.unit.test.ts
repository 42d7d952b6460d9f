import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { ChatFact } from '../customer/chats.ts'
import { openJournal } from './journal.ts'

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'parley-journal-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}
const ana: ChatFact = { kind: 'known', key: 'BR.1', name: 'Ana' }

test('what was noted is told to who opens it next', async () => {
  const file = join(folder(), 'chats', 'simulator.jsonl')
  const journal = openJournal(
    file,
    () => expect.unreachable(),
    () => expect.unreachable(),
  )
  journal.append(ana)
  await journal.close()
  const told: ChatFact[] = []
  await openJournal(
    file,
    (fact) => void told.push(fact),
    () => expect.unreachable(),
  ).close()
  expect(told).toEqual([ana])
  expect(readFileSync(file, 'utf8')).toBe(`${JSON.stringify(ana)}\n`)
})

test('a line that a kill cut short takes none of those behind it along', async () => {
  const file = join(folder(), 'simulator.jsonl')
  writeFileSync(file, `${JSON.stringify(ana)}\n{"kind":"wr`)
  const told: ChatFact[] = []
  const open = () =>
    openJournal(
      file,
      (fact) => void told.push(fact),
      () => expect.unreachable(),
    )
  const journal = open()
  journal.append(ana)
  await journal.close()
  told.length = 0
  await open().close()
  expect(told).toEqual([ana, ana])
})

test('a file that cannot be written ends no chat: it is told once, and what is noted then is left out', async () => {
  const path = folder()
  const { promise, resolve } = Promise.withResolvers<Error>()
  const journal = openJournal(join(path, 'simulator.jsonl'), () => expect.unreachable(), resolve)
  // It is opened in a moment, and its folder is gone by then.
  rmSync(path, { recursive: true })
  journal.append(ana)
  expect(await promise).toMatchObject({ code: 'ENOENT' })
  journal.append(ana)
  await journal.close()
})
