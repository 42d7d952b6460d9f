import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readPeopleIn } from '@parley/people/directory'
import { expect, test } from 'vitest'
import { workforceIn } from './workforce-file.ts'

const example = new URL('../../../../config', import.meta.url).pathname

test('hours of a queue that is not there are found where a flow speaks of them', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-'))
  try {
    await cp(example, folder, { recursive: true })
    const roster = await readPeopleIn(folder)
    await expect(workforceIn(folder, roster)).resolves.toBeDefined()
    const flow = join(folder, 'flows/atendimento.yaml')
    const source = await readFile(flow, 'utf8')
    await writeFile(flow, `# Once there was {{opening.gone}}.\n${source}`)
    await expect(workforceIn(folder, roster)).resolves.toBeDefined()
    await writeFile(
      flow,
      source.replace('*Branches*: {{opening.branches}}', '*Branches*: {{opening.branchs}}'),
    )
    const line = source.slice(0, source.indexOf('*Branches*')).split('\n').length
    await expect(workforceIn(folder, roster)).rejects.toThrow(
      new RegExp(`atendimento\\.yaml:${line}:23: .*no queue "branchs"; did you mean "branches"`),
    )
  } finally {
    await rm(folder, { recursive: true })
  }
})
