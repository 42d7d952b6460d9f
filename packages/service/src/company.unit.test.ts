import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readCompanyIn } from './company.ts'

async function directoryWith(text: string | undefined): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'company-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  if (text !== undefined) await writeFile(join(directory, 'company.yaml'), text)
  return directory
}

test('the company is shown by the name and the time zone of its file, whatever else stands in it; its agents by their names where it says so', async () => {
  const text = 'name: Banco Aurora\ntimezone: America/Sao_Paulo\nprocessors: []\n'
  const company = { name: 'Banco Aurora', timeZone: 'America/Sao_Paulo' }
  expect(await readCompanyIn(await directoryWith(text))).toEqual({ ...company, tellsAgentNames: false })
  const telling = await directoryWith(`${text}tell_agent_names: true\n`)
  expect(await readCompanyIn(telling)).toEqual({ ...company, tellsAgentNames: true })
})

test.each(['Asia/Kolkata', 'America/Argentina/Buenos_Aires', 'UTC'])(
  'a time zone by a name that the IANA list has is taken: %s',
  async (timeZone) => {
    const directory = await directoryWith(`timezone: ${timeZone}\n`)
    expect(await readCompanyIn(directory)).toMatchObject({ name: 'Parley', timeZone })
  },
)

test('without a file the defaults hold', async () => {
  const defaults = { name: 'Parley', timeZone: 'UTC', tellsAgentNames: false }
  expect(await readCompanyIn(await directoryWith(undefined))).toEqual(defaults)
})

test.each([
  ['timezone: Mars/Olympus\n', '1:11: timezone: it is not an IANA time zone'],
  ['name: ""\n', '1:7: name: '],
  ['name: [unclosed\n', '2:1: '],
  ['- a list\n', '1:1: the file: .*expected object'],
])('a file that cannot be used is refused with the place and the reason: %j', async (text, reason) => {
  const directory = await directoryWith(text)
  await expect(readCompanyIn(directory)).rejects.toMatchObject({
    code: 'COMPANY_FILE_INVALID',
    message: expect.stringMatching(new RegExp(`  ${join(directory, 'company.yaml')}:${reason}`)),
  })
})
