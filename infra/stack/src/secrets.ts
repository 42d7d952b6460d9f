import { randomBytes, randomInt } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { SIMULATED } from '@parley/service'
import { sync as writeFileAtomic } from 'write-file-atomic'
import { z } from 'zod'
import { WhatsAppAccount } from './whatsapp-account.ts'

const Secrets = z.object({
  simulator: WhatsAppAccount,
  transcriptLinkSecret: z.string(),
  identity: z.object({ clientSecret: z.string(), passwordSecret: z.string() }),
})
export type Secrets = z.infer<typeof Secrets>

const digits = (count: number): string =>
  String(randomInt(1, 10)) + Array.from({ length: count - 1 }, () => randomInt(10)).join('')

/** For the simulator alone, and marked as such. */
export const simulatedSecrets = () => ({
  appSecret: `${SIMULATED}${randomBytes(16).toString('hex')}`,
  verifyToken: `${SIMULATED}${randomBytes(16).toString('hex')}`,
  accessToken: `${SIMULATED}${randomBytes(32).toString('hex')}`,
})

const generate = (): Secrets => ({
  simulator: {
    wabaId: digits(15),
    phoneNumberId: digits(15),
    displayPhoneNumber: '15550783881',
    ...simulatedSecrets(),
  },
  transcriptLinkSecret: randomBytes(32).toString('base64url'),
  identity: {
    clientSecret: randomBytes(32).toString('base64url'),
    passwordSecret: randomBytes(32).toString('base64url'),
  },
})

/** @throws without what stands there: it might be a secret */
const secretsIn = (file: string): Secrets => {
  try {
    return Secrets.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    throw new Error(
      `${file} does not hold what was written there; deleted, it is made anew, and links that were sent open no more`,
    )
  }
}

/** Secrets of the local stack, generated once per data folder: signatures and links stay valid over a restart. */
export const keptSecrets = async (file: string): Promise<Secrets> => {
  if (existsSync(file)) return secretsIn(file)
  const secrets = generate()
  await mkdir(dirname(file), { recursive: true })
  writeFileAtomic(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 })
  return secrets
}
