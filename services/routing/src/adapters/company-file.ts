import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Company, CompanyFileError, readCompany } from '../company/company.ts'

/** @throws {CompanyFileError} */
export async function companyIn(directory: string): Promise<Company> {
  const file = join(directory, 'company.yaml')
  try {
    return readCompany(await readFile(file, 'utf8'), file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new CompanyFileError([
      `${file} is not there. Write one, or set PARLEY_CONFIG_DIR to the folder that has it.`,
    ])
  }
}
