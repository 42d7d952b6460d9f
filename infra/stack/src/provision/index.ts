export { dockerAnswers } from './docker.ts'
export { freePort, freePorts } from './free-port.ts'
export {
  KAFKA_IMAGE,
  type ProvisionedKafka,
  kafkaContainerEnvironment,
  localKafkaBroker,
  provisionKafka,
} from './kafka.ts'
export { kafkaAnswers } from './kafka-probe.ts'
export { MONGO_IMAGE, type ProvisionedMongo, localMongoUri, mongoAnswers, provisionMongo } from './mongo.ts'
