export { freePort, freePorts } from './provision/free-port.ts'
export { provisionKafka, type ProvisionedKafka } from './provision/kafka.ts'
export { provisionMongo, type ProvisionedMongo } from './provision/mongo.ts'
export { startStack, type Stack, type StackJson, type StackOptions, type StackUrls } from './start-stack.ts'
