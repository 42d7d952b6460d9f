import { sourceIn } from '@parley/authoring/config-file'
import { COMPANY_FILE, type Company, readCompany } from '../company/company.ts'

/** @throws {ConfigFileInvalid} */
export async function companyIn(directory: string): Promise<Company> {
  const { source, path } = await sourceIn(directory, COMPANY_FILE)
  return readCompany(source, path)
}
