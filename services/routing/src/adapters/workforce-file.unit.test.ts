import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readPeopleIn } from '@parley/people/directory'
import { expect, test } from 'vitest'
import { companyIn } from './company-file.ts'
import { workforceIn } from './workforce-file.ts'

const example = fileURLToPath(new URL('../../../../config', import.meta.url))

test('hours of a queue that is not there are found where a flow speaks of them', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-'))
  try {
    await cp(example, folder, { recursive: true })
    const roster = await readPeopleIn(folder)
    const company = await companyIn(folder)
    await expect(workforceIn(folder, roster, company)).resolves.toBeDefined()
    const flow = join(folder, 'flows/atendimento.yaml')
    const source = await readFile(flow, 'utf8')
    await writeFile(flow, `# Once there was {{opening.gone}}.\n${source}`)
    await expect(workforceIn(folder, roster, company)).resolves.toBeDefined()
    await writeFile(
      flow,
      source.replace('*Branches*: {{opening.branches}}', '*Branches*: {{opening.branchs}}'),
    )
    const line = source.slice(0, source.indexOf('*Branches*')).split('\n').length
    await expect(workforceIn(folder, roster, company)).rejects.toThrow(
      new RegExp(`atendimento\\.yaml:${line}:23: .*no queue "branchs"; did you mean "branches"`),
    )
  } finally {
    await rm(folder, { recursive: true })
  }
})

test.each([
  ['of a question', 'queue: cards', 'queue: crads'],
  ['of the words for a person', 'people:\n  queue: general', 'people:\n  queue: generl'],
  ['of a hand-over', 'hand_over:\n      queue: general', 'hand_over:\n      queue: generall'],
])(
  'a queue %s that is not there is found: customers would wait in another one',
  async (_, named, misspelt) => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-'))
    try {
      await cp(example, folder, { recursive: true })
      const flow = join(folder, 'flows/atendimento.yaml')
      const source = await readFile(flow, 'utf8')
      expect(source).toContain(named)
      await writeFile(flow, source.replace(named, misspelt))
      const line = source.slice(0, source.indexOf(named)).split('\n').length
      await expect(workforceIn(folder, await readPeopleIn(folder), await companyIn(folder))).rejects.toThrow(
        new RegExp(
          `atendimento\\.yaml:(${line}|${line + 1}):\\d+: .*no queue "\\w+"; did you mean "(cards|general)"`,
        ),
      )
    } finally {
      await rm(folder, { recursive: true })
    }
  },
)

test('a queue is called alike in each file: whatever workforce.yaml takes can be served, waited in and led to', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-'))
  try {
    await cp(example, folder, { recursive: true })
    for (const file of ['workforce.yaml', 'people.yaml', 'company.yaml', 'flows/atendimento.yaml']) {
      const source = await readFile(join(folder, file), 'utf8')
      expect(source).toMatch(/\bgeneral\b/)
      await writeFile(join(folder, file), source.replaceAll(/\bgeneral\b/g, 'all_of-2026'))
    }
    const { queues } = await workforceIn(folder, await readPeopleIn(folder), await companyIn(folder))
    expect(queues.map(({ name }) => name)).toContain('all_of-2026')
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('a default queue that is not there is found: customers would wait in the first one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-'))
  try {
    await cp(example, folder, { recursive: true })
    const file = join(folder, 'company.yaml')
    const source = await readFile(file, 'utf8')
    await writeFile(file, source.replace('default_queue: general', 'default_queue: genral'))
    const line = source.slice(0, source.indexOf('default_queue: general')).split('\n').length
    await expect(workforceIn(folder, await readPeopleIn(folder), await companyIn(folder))).rejects.toThrow(
      new RegExp(
        `company\\.yaml:${line}:16: default_queue: .*workforce\\.yaml has no queue "genral"; did you mean "general"`,
      ),
    )
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('words of a queue that are one message are too long together, each as short as it may be', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-'))
  try {
    await cp(example, folder, { recursive: true })
    const file = join(folder, 'workforce.yaml')
    const source = await readFile(file, 'utf8')
    const question = 'Shall we write to you here when the branches open?'
    expect(source).toContain(question)
    const asks = (characters: number) => writeFile(file, source.replace(question, 'x'.repeat(characters)))
    const read = async () => workforceIn(folder, await readPeopleIn(folder), await companyIn(folder))
    const company = join(folder, 'company.yaml')
    const words = await readFile(company, 'utf8')
    await asks(600)
    await expect(read()).resolves.toBeDefined()
    await writeFile(company, words.replace('Our team will take it from here', 'y'.repeat(400)))
    await expect(read()).rejects.toThrow(
      /workforce\.yaml:\d+:\d+: queues\.branches\.texts\.en: waiting_notice and closed_choice, .*: 1\d{3} characters when filled in; WhatsApp takes 1000/,
    )
  } finally {
    await rm(folder, { recursive: true })
  }
})
