export { freePort, freePorts } from './free-port.ts'
export { provisionKafka, type ProvisionedKafka } from './kafka.ts'
export { provisionMongo, type ProvisionedMongo } from './mongo.ts'
