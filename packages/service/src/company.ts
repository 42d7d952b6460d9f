import { type ConfigFile, contentIn } from '@parley/authoring/config-file'
import { isTimeZone } from '@parley/time-zone'
import { z } from 'zod'

/** What a page shows of the company. */
interface Company {
  readonly name: string
  /** IANA name; whose midnight begins "today". */
  readonly timeZone: string
  /** Whether customers are told who serves them, by first name. */
  readonly tellsAgentNames: boolean
}

const schema = z
  .object({
    name: z.string().trim().min(1).default('Parley'),
    timezone: z
      .string()
      .refine(isTimeZone, 'it is not an IANA time zone, such as America/Sao_Paulo')
      .default('UTC'),
    tell_agent_names: z.boolean().default(false),
  })
  .transform(({ name, timezone, tell_agent_names }): Company => ({
    name,
    timeZone: timezone,
    tellsAgentNames: tell_agent_names,
  }))

/** What pages show, out of company.yaml; all else in it is routing's, which checks the whole file. */
const SHOWN_FILE: ConfigFile<typeof schema> = {
  name: 'company.yaml',
  of: 'the company',
  code: 'COMPANY_FILE_INVALID',
  schema,
  isOptional: true,
}

/** @throws {ConfigFileInvalid} */
export const readCompanyIn = (directory: string): Promise<Company> => contentIn(directory, SHOWN_FILE)
