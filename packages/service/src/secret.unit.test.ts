import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { secretFrom, secretText } from './secret.ts'
import { readSettings, secret } from './settings.ts'

test.each([
  ['short', 'x7Qp2', 'shorter'],
  ['an example of ours', 'change-me-to-32-random-bytes-or-more', 'example'],
  ['an older example of ours', 'local-access-token', 'example'],
  ['somebody else’s example', 'YOUR_APP_SECRET_HERE', 'example'],
  ['one character', '0'.repeat(32), 'repeats'],
])('a secret that is %s is refused, without being shown', (_, text, why) => {
  const { error } = secretText(16).safeParse(text)
  expect(error?.issues[0]?.message).toContain(why)
  expect(JSON.stringify(error?.issues)).not.toContain(text)
})

test('what openssl and Meta make is taken', () => {
  for (const text of ['9f86d081884c7d659a2feaa0c55ad015', 'q83sWbP0mN2vQx7rT5yLz1aCdEfGhIjKlMnOpQrStUv='])
    expect(secretText(16).safeParse(text).success).toBe(true)
})

const settings = z.object({ appSecret: secret('APP_SECRET', secretText(16), "the app's secret") })

test('a secret may stand in a file that its variable with _FILE names; the variable itself goes before', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-secret-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const APP_SECRET_FILE = join(folder, 'app-secret')
  writeFileSync(APP_SECRET_FILE, 'from the file 4711\n')
  expect(readSettings(settings, { APP_SECRET_FILE })).toEqual({ appSecret: 'from the file 4711' })
  expect(readSettings(settings, { APP_SECRET: '', APP_SECRET_FILE })).toEqual({
    appSecret: 'from the file 4711',
  })
  expect(secretFrom({ APP_SECRET: 'from the variable', APP_SECRET_FILE }, 'APP_SECRET')).toBe(
    'from the variable',
  )
})

test('a file that is not there is told by the name of its variable', () => {
  expect(() => readSettings(settings, { APP_SECRET_FILE: '/nowhere/4711' })).toThrow(
    /APP_SECRET_FILE names cannot be read/,
  )
})
