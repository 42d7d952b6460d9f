// Makes the topics once, before the services start.
import { ensureTopics, kafkaSettingsFromEnv } from '../../packages/eventlog/src/index.ts'

const { PARLEY_NAMESPACE: namespace = 'parley', PARLEY_PARTITIONS: partitions = '12' } = process.env
await ensureTopics(kafkaSettingsFromEnv(process.env), namespace, Number(partitions))
process.stdout.write(`topics of ${namespace} are there\n`)
