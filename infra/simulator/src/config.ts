import { SIMULATED, isSimulated, secretFrom } from '@parley/service/secret'
import { z } from 'zod'
import type { SimulatorOptions } from './simulator.ts'

const jsonOf = (text: string, context: z.RefinementCtx): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    context.addIssue({ code: 'custom', message: 'must be JSON' })
    return z.NEVER
  }
}

const numberSchema = z.object({
  phoneNumberId: z.string().regex(/^\d+$/),
  wabaId: z.string().regex(/^\d+$/),
  displayPhoneNumber: z.string().min(5),
  name: z.string().default('Parley'),
})
const templateSchema = z.object({
  name: z.string(),
  language: z.string(),
  category: z.enum(['UTILITY', 'MARKETING', 'AUTHENTICATION']).default('UTILITY'),
  body: z.string(),
})

/** It signs whatever anybody sends it: a real app's secret must never be in its hands. */
const madeForIt = z
  .string()
  .refine(
    isSimulated,
    `is not one that was made for the simulator (those begin with ${SIMULATED}): with a real account no simulator runs`,
  )

const SECRETS = ['WHATSAPP_APP_SECRET', 'WHATSAPP_VERIFY_TOKEN', 'WHATSAPP_ACCESS_TOKEN'] as const

const environment = z
  .object({
    HOST: z.string().default('127.0.0.1'),
    SIMULATOR_PORT: z.coerce.number().int().min(0).max(65_535).default(4703),
    /** The names that it is reached by, without ports, with commas between them. */
    SIMULATOR_HOSTS: z
      .string()
      .transform((text) => text.split(',').map((name) => name.trim()))
      .optional(),
    SIMULATOR_WEBHOOK_URL: z.url(),
    SIMULATOR_PUBLIC_URL: z.url().optional(),
    SIMULATOR_DATA_FILE: z.string().min(1).optional(),
    SIMULATOR_MESSAGES_PER_SECOND: z.coerce.number().min(0).default(1000),
    SIMULATOR_PAIR_RATE: z.enum(['0', '1']).default('0'),
    SIMULATOR_BUSINESS_NAME: z.string().default('Banco Aurora'),
    /** More than one number: a JSON array; the three WHATSAPP_* of one number are then not needed. */
    SIMULATOR_NUMBERS: z.string().transform(jsonOf).pipe(z.array(numberSchema).min(1)).optional(),
    SIMULATOR_TEMPLATES: z.string().transform(jsonOf).pipe(z.array(templateSchema)).default([]),
    WHATSAPP_PHONE_NUMBER_ID: z.string().regex(/^\d+$/).optional(),
    WHATSAPP_WABA_ID: z.string().regex(/^\d+$/).optional(),
    WHATSAPP_DISPLAY_PHONE_NUMBER: z.string().min(5).optional(),
    WHATSAPP_GRAPH_URL: z.url({ error: 'is not set, so Meta is meant, and there is nothing to simulate' }),
    WHATSAPP_APP_SECRET: madeForIt,
    WHATSAPP_VERIFY_TOKEN: madeForIt,
    WHATSAPP_ACCESS_TOKEN: madeForIt,
    PARLEY_PARENT_WATCH: z.string().optional(),
  })
  .superRefine((env, context) => {
    const { origin } = new URL(env.WHATSAPP_GRAPH_URL)
    const here = ['127.0.0.1', 'localhost', env.HOST].map((host) => `http://${host}:${env.SIMULATOR_PORT}`)
    if (
      [...here, env.SIMULATOR_PUBLIC_URL].some((own) => own !== undefined && new URL(own).origin === origin)
    )
      return
    context.addIssue({
      code: 'custom',
      path: ['WHATSAPP_GRAPH_URL'],
      message: `is ${origin}, which is not this simulator: with another Graph API no simulator runs`,
    })
  })
  .transform((env, context) => {
    const { WHATSAPP_PHONE_NUMBER_ID: phoneNumberId, WHATSAPP_WABA_ID: wabaId } = env
    const displayPhoneNumber = env.WHATSAPP_DISPLAY_PHONE_NUMBER
    if (env.SIMULATOR_NUMBERS !== undefined) return { ...env, numbers: env.SIMULATOR_NUMBERS }
    if (phoneNumberId === undefined || wabaId === undefined || displayPhoneNumber === undefined) {
      context.addIssue({
        code: 'custom',
        message:
          'set SIMULATOR_NUMBERS, or WHATSAPP_PHONE_NUMBER_ID, WHATSAPP_WABA_ID and WHATSAPP_DISPLAY_PHONE_NUMBER',
      })
      return z.NEVER
    }
    return {
      ...env,
      numbers: [{ phoneNumberId, wabaId, displayPhoneNumber, name: env.SIMULATOR_BUSINESS_NAME }],
    }
  })

export interface SimulatorConfig {
  readonly options: SimulatorOptions
  readonly endsWithParent: boolean
}

export type ConfigOutcome = { readonly config: SimulatorConfig } | { readonly problem: string }

/** The only reader of the environment. Empty values count as absent. */
export const readConfig = (env: NodeJS.ProcessEnv): ConfigOutcome => {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  try {
    for (const name of SECRETS) given[name] = secretFrom(env, name)
  } catch (error) {
    return { problem: (error as Error).message }
  }
  const parsed = environment.safeParse(given)
  if (!parsed.success) return { problem: z.prettifyError(parsed.error) }
  const { data } = parsed
  return {
    config: {
      endsWithParent: data.PARLEY_PARENT_WATCH === '1',
      options: {
        host: data.HOST,
        ...(data.SIMULATOR_HOSTS === undefined ? {} : { hosts: data.SIMULATOR_HOSTS }),
        port: data.SIMULATOR_PORT,
        webhookUrl: data.SIMULATOR_WEBHOOK_URL,
        ...(data.SIMULATOR_PUBLIC_URL === undefined ? {} : { publicUrl: data.SIMULATOR_PUBLIC_URL }),
        ...(data.SIMULATOR_DATA_FILE === undefined ? {} : { dataFile: data.SIMULATOR_DATA_FILE }),
        messagesPerSecond: data.SIMULATOR_MESSAGES_PER_SECOND,
        pairRateLimit: data.SIMULATOR_PAIR_RATE === '1',
        numbers: data.numbers,
        templates: data.SIMULATOR_TEMPLATES,
        appSecret: data.WHATSAPP_APP_SECRET,
        verifyToken: data.WHATSAPP_VERIFY_TOKEN,
        accessToken: data.WHATSAPP_ACCESS_TOKEN,
      },
    },
  }
}
