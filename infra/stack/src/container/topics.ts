// Makes the topics once, before the services of docker-compose.yml start.
import { ensureTopics, kafkaSettingsFromEnv } from '@parley/eventlog'
import { FAMILIES } from '@parley/families'
import { settingsFromEnv } from '../settings.ts'

const { namespace, partitions } = settingsFromEnv({
  PARLEY_NAMESPACE: process.env['PARLEY_NAMESPACE'],
  PARLEY_PARTITIONS: process.env['PARLEY_PARTITIONS'],
})
await ensureTopics(kafkaSettingsFromEnv(process.env), namespace, FAMILIES, partitions)
process.stdout.write(`the topics of ${namespace} are there\n`)
