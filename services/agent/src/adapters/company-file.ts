import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'

export interface Company {
  readonly name: string
  /** Whose midnight begins "today". */
  readonly timeZone: string
}

const companySchema = z.object({
  name: z.string().trim().min(1).default('Parley'),
  timezone: z
    .string()
    .refine((zone) => timeZones.has(zone), 'it is not an IANA time zone, such as America/Sao_Paulo')
    .default('UTC'),
})
const timeZones = new Set([...Intl.supportedValuesOf('timeZone'), 'UTC'])

/** config/company.yaml: of it the console needs the name and the time zone. Without the file the defaults hold. */
export async function readCompany(directory: string): Promise<Company> {
  const file = join(directory, 'company.yaml')
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}'
    throw error
  })
  const company = companySchema.safeParse(parse(text) ?? {})
  if (!company.success) throw new CompanyFileInvalid(file, z.prettifyError(company.error))
  return { name: company.data.name, timeZone: company.data.timezone }
}

export class CompanyFileInvalid extends Error {
  readonly code = 'COMPANY_FILE_INVALID'
  constructor(file: string, problems: string) {
    super(`${file} cannot be used: ${problems}. Correct it, or set PARLEY_CONFIG_DIR to another folder.`)
  }
}
