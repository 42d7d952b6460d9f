import { type ConfigFile, contentIn, sourceIn } from '@parley/authoring/config-file'
import { z } from 'zod'
import { PEOPLE_FILE, type Roster, readPeople } from './people-file.ts'

/** All else in company.yaml is routing's, which checks the whole file. */
const companySchema = z.object({
  processors: z.array(z.object({ role: z.string(), name: z.string() })).default([]),
})

/** Where it cannot be read, nobody knows which vendors customers were told of. */
const VENDORS_FILE: ConfigFile<typeof companySchema> = {
  ...PEOPLE_FILE,
  name: 'company.yaml',
  schema: companySchema,
  isOptional: true,
}

/**
 * The people of `people.yaml`, their vendors held to the processors of `company.yaml` beside it.
 * @throws {ConfigFileInvalid} also where the file is missing
 */
export async function readPeopleIn(directory: string): Promise<Roster> {
  const { source, path } = await sourceIn(directory, PEOPLE_FILE)
  const { processors } = await contentIn(directory, VENDORS_FILE)
  const vendors = processors.filter(({ role }) => role === 'staffing_vendor').map(({ name }) => name)
  return readPeople(source, path, vendors)
}
