import { inject } from 'vitest'

declare module 'vitest' {
  export interface ProvidedContext {
    kafkaBrokers: string[]
    mongoUri: string
  }
}

/** Brokers of the Kafka that the integration tier started (brokers.setup.ts). */
export const testKafka = (): string[] => inject('kafkaBrokers')

/** URI of the MongoDB that the integration tier started (brokers.setup.ts). */
export const testMongoUri = (): string => inject('mongoUri')
