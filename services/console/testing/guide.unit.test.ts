import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ACTION_NAMES, KEYMAP, shownKey } from '../src/state/keymap.ts'
import { en } from '../src/texts/en.ts'

test('the guide lists every key of the desk with what it does, and no other', () => {
  const guide = readFileSync(new URL('../../../docs/guides/desk.md', import.meta.url), 'utf8')
  const table = guide.slice(guide.indexOf('| key |')).split('\n\n', 1)[0] ?? ''
  expect(table.split('\n').slice(2)).toEqual(
    ACTION_NAMES.map(
      (name) =>
        `| ${KEYMAP[name].keys.map((key) => shownKey(key, false)).join(', ')} | ${en.actions[name]} |`,
    ),
  )
})
