import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isTimeZone } from '@parley/time-zone'
import { parse } from 'yaml'
import { z } from 'zod'

/** What a page shows of the company. */
interface Company {
  readonly name: string
  /** IANA name; whose midnight begins "today". */
  readonly timeZone: string
  /** Whether customers are told who serves them, by first name. */
  readonly tellsAgentNames: boolean
}

const companySchema = z.object({
  name: z.string().trim().min(1).default('Parley'),
  timezone: z
    .string()
    .refine(isTimeZone, 'it is not an IANA time zone, such as America/Sao_Paulo')
    .default('UTC'),
  tell_agent_names: z.boolean().default(false),
})

/**
 * What pages show, out of config/company.yaml; all else in it is routing's, which checks the whole file. Without the file the defaults
 * hold.
 * @throws {CompanyFileInvalid}
 */
export async function readCompanyIn(directory: string): Promise<Company> {
  const file = join(directory, 'company.yaml')
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}'
    throw error
  })
  const company = companySchema.safeParse(parsed(file, text))
  if (!company.success) throw new CompanyFileInvalid(file, z.prettifyError(company.error))
  const { name, timezone, tell_agent_names } = company.data
  return { name, timeZone: timezone, tellsAgentNames: tell_agent_names }
}

export class CompanyFileInvalid extends Error {
  readonly code = 'COMPANY_FILE_INVALID'
  constructor(file: string, problems: string) {
    super(`${file} cannot be used: ${problems}. Correct it, or set PARLEY_CONFIG_DIR to another folder.`)
  }
}

function parsed(file: string, text: string): unknown {
  try {
    return parse(text) ?? {}
  } catch (error) {
    throw new CompanyFileInvalid(file, error instanceof Error ? error.message : 'it is not YAML')
  }
}
