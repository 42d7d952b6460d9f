import { secretFrom, secretText } from '@parley/service/secret'
import { z } from 'zod'

const SECRETS = ['IDENTITY_PASSWORD_SECRET', 'OIDC_CLIENT_SECRET'] as const

const schema = z.object({
  HOST: z.string().default('127.0.0.1'),
  IDENTITY_PORT: z.coerce.number().int().min(0).max(65_535).default(4704),
  IDENTITY_PASSWORD_SECRET: secretText(16),
  IDENTITY_IN_CONTAINER: z.enum(['0', '1']).default('0'),
  IDENTITY_CONSOLE_URL: z.url().optional(),
  OIDC_ISSUER: z.url(),
  OIDC_CLIENT_ID: z.string().min(1),
  OIDC_CLIENT_SECRET: secretText(16),
  AGENT_PUBLIC_URL: z.url(),
  PARLEY_CONFIG_DIR: z.string().default('config'),
})

/** The only reader of the environment. Empty values count as absent; a secret may stand in the file that `<variable>_FILE` names. */
export function settingsFrom(env: NodeJS.ProcessEnv): z.output<typeof schema> | { readonly problem: string } {
  const given: NodeJS.ProcessEnv = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  try {
    for (const name of SECRETS) given[name] = secretFrom(env, name)
  } catch (error) {
    return { problem: (error as Error).message }
  }
  const parsed = schema.safeParse(given)
  return parsed.success ? parsed.data : { problem: z.prettifyError(parsed.error) }
}
