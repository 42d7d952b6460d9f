import { fileIn } from '@parley/service/grpc-operator'
import { z } from 'zod'
import { filesOf } from './data-directory.ts'
import { SERVICES } from './services.ts'
import { WhatsAppAccount } from './whatsapp-account.ts'

const ofEachService = z.record(z.enum(SERVICES), z.string())

/** `.data/stack.json`: what tools rely on. `simulator` and `phone` are empty when the real Graph API is used. */
const StackJson = z.object({
  ready: z.literal(true),
  urls: z.object({
    webhooks: z.string(),
    simulator: z.string(),
    phone: z.string(),
    transcripts: z.string(),
    console: z.string(),
  }),
  grpc: ofEachService,
  /** Where each service serves /livez, /readyz and /metrics. */
  probes: ofEachService,
  kafkaBrokers: z.array(z.string()),
  mongoUri: z.string(),
  /** Of topics and databases. */
  namespace: z.string(),
  /** Of each topic. */
  partitions: z.number(),
  /** Absolute: what the services read. */
  configDirectory: z.string(),
  whatsapp: WhatsAppAccount.extend({ graphUrl: z.string() }),
  identity: z.object({ issuer: z.string() }),
  /** Who can sign in. Empty where the provider of identities is given from outside: their passwords are not ours. */
  people: z.array(
    z.object({
      login: z.string(),
      password: z.string(),
      name: z.string(),
      roles: z.array(z.string()).readonly(),
      team: z.string().nullable(),
      vendor: z.string().nullable(),
    }),
  ),
  /** Of gRPC calls: whoever sends it may see what an auditor may, and issue and revoke links. Good until the stack stops. */
  grpcMetadata: z.record(z.string(), z.string()),
  sources: z.object({ kafka: z.string(), mongo: z.string() }),
})
export type StackJson = z.infer<typeof StackJson>

/** Undefined while the stack is not ready: only then does it say where it answers. @throws STACK_FILE_UNREADABLE */
export const stackJsonIn = (file: string): Promise<StackJson | undefined> => fileIn(file, StackJson)

export const stackJsonOf = (dataDirectory: string): Promise<StackJson | undefined> =>
  stackJsonIn(filesOf(dataDirectory).stack)
