import type { AuditEntry } from '@parley/audit'
import { expect, test } from 'vitest'
import { createLogger } from '../logger.ts'
import { refusedCalls } from './refused-calls.ts'

const GET = '/parley.archive.v1.ArchiveService/GetTranscript'

function told({ isAway = false } = {}) {
  const entries: AuditEntry[] = []
  const lines: string[] = []
  const log = createLogger({
    service: 'archive',
    destination: { write: (line: string) => void lines.push(line) },
  })
  const tell = refusedCalls(async (entry) => {
    if (isAway) throw new Error('The log is away.')
    entries.push(entry)
  }, log)
  return { entries, tell, codes: () => lines.map((line) => (JSON.parse(line) as { code: string }).code) }
}

test('of a flood the audit is asked once, and the log has each; another caller, reason or method is another act', () => {
  const { entries, tell, codes } = told()
  const bot = { code: 'CALLER_NOT_PERMITTED', path: GET, caller: 'bot' } as const
  for (const call of [
    bot,
    bot,
    bot,
    { ...bot, caller: 'tool' as const },
    { ...bot, code: 'PERSON_REFUSED' },
    { ...bot, path: '/parley.reader.v1.ReaderService/RetryStream' },
  ])
    tell(call)
  expect(codes()).toHaveLength(6)
  expect(entries.map(({ subject, fields }) => [subject.id, fields?.['callerId'], fields?.['code']])).toEqual([
    [GET.slice(1), 'bot', 'CALLER_NOT_PERMITTED'],
    [GET.slice(1), 'tool', 'CALLER_NOT_PERMITTED'],
    [GET.slice(1), 'bot', 'PERSON_REFUSED'],
    ['parley.reader.v1.ReaderService/RetryStream', 'bot', 'CALLER_NOT_PERMITTED'],
  ])
})

test('the name of a method that there is not is the caller’s own, and stands in no entry', () => {
  const { entries, tell } = told()
  tell({ code: 'PERSON_REFUSED', path: '/ana.souza/5511987654321', caller: 'tool' })
  expect(entries).toEqual([])
})

test('while the audit takes nothing the call is refused all the same, and the log says that it is not on record', async () => {
  const { tell, codes } = told({ isAway: true })
  tell({ code: 'CALLER_NOT_PERMITTED', path: GET, caller: 'bot' })
  await expect.poll(codes).toEqual(['CALLER_NOT_PERMITTED', 'ACT_NOT_RECORDED'])
})
