import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { PeopleFileInvalid, type Roster, readPeople } from './people-file.ts'

/** All else in company.yaml is routing's, which checks the whole file. */
const companySchema = z.object({
  processors: z.array(z.object({ role: z.string(), name: z.string() })).default([]),
})

/**
 * The people of `people.yaml`, their vendors held to the processors of `company.yaml` beside it.
 * @throws {PeopleFileInvalid} also where the file is missing
 */
export async function readPeopleIn(directory: string): Promise<Roster> {
  const file = join(directory, 'people.yaml')
  const source = await textIn(file)
  if (source === undefined)
    throw new PeopleFileInvalid([
      `${file} is not there. Write one, or set PARLEY_CONFIG_DIR to the folder that has it.`,
    ])
  return readPeople(source, file, await vendorsIn(directory))
}

async function vendorsIn(directory: string): Promise<readonly string[]> {
  const file = join(directory, 'company.yaml')
  try {
    const { processors } = companySchema.parse(parse((await textIn(file)) ?? '{}'))
    return processors.filter(({ role }) => role === 'staffing_vendor').map(({ name }) => name)
  } catch {
    throw new PeopleFileInvalid([
      `${file} cannot be read, so nobody knows which vendors customers were told of.`,
    ])
  }
}

async function textIn(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
}
