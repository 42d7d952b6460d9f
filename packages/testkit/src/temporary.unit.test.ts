import { tmpdir } from 'node:os'
import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { RUN } from './temporary.setup.ts'

test('what a test leaves in the temporary folder lies in that of its run, which is removed', () => {
  expect(basename(tmpdir())).toMatch(new RegExp(`^${RUN}`))
})
